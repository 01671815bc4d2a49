"""The one door through which words leave a call, and what stays inside."""
