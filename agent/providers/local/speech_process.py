"""`python -m agent.providers.local.speech_process --socket PATH`: the one process of a machine that holds the
speech models.

It loads, warms up, says `ready` on its standard output and ends when its standard input does, that is, when its parent
dies. Restarting it is the supervisor's; what is answered, and how, is speech_server.py's.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket as sockets
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from agent.errors import ConfigError

if TYPE_CHECKING:
    from agent.providers.local.models.minilm import MiniLM
    from agent.providers.local.models.moonshine import Moonshine
    from agent.providers.local.models.smart_turn import SmartTurn
    from agent.providers.local.models.voice import Voice
    from agent.providers.local.speech_server import Models

READY_LINE = "ready"
WRONG_OPTIONS = 2  # exit code: starting again will not help
_ORPHAN_S = 5.0  # how long a predecessor that lost its parent may take to go
_ARCHITECTURES = ("tiny", "base", "tiny-streaming", "base-streaming", "small-streaming", "medium-streaming")


class _Model(Protocol):
    def warm(self) -> None: ...


M = TypeVar("M", bound=_Model)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; each option's default comes from the environment. docs/providers.md explains them."""
    parser = argparse.ArgumentParser(prog="speech_process", description=__doc__)
    env = os.environ.get
    add = parser.add_argument
    add("--socket", type=Path, default=env("PARLEY_SPEECH_SOCKET"), help="where to listen")
    add("--no-stt", action="store_true", help="nobody hears with Moonshine")
    add("--no-tts", action="store_true", help="nobody speaks with a local voice")
    add("--tts", choices=("hibari", "piper"), default="hibari", help="whose voice speaks")
    add("--hibari-voice", type=Path, default=env("PARLEY_HIBARI_VOICE"), help="an .onnx file")
    add("--piper-voice", type=Path, default=env("PARLEY_PIPER_VOICE"), help="a .onnx file with its .onnx.json")
    add("--moonshine-folder", type=Path, default=env("PARLEY_MOONSHINE_FOLDER"), help="a folder of .ort files")
    add("--moonshine-arch", choices=_ARCHITECTURES, default=env("PARLEY_MOONSHINE_ARCH", "tiny"))
    add("--phrases", type=Path, help="a folder that keeps the sound of the profile's phrases")
    add("--phrases-mb", type=int, default=env("PARLEY_PHRASES_MB", "32"), help="the most it may hold")
    add(
        "--stt-threads",
        type=int,
        default=env("PARLEY_STT_THREADS", "2"),
        help="utterances heard at once, each with a model of its own",
    )
    add("--tts-threads", type=int, default=env("PARLEY_TTS_THREADS", "2"), help="cores for one clause of Piper")
    return parser.parse_args(arguments)


def main() -> None:
    """Run until told to stop. A wrong option or file is one sentence and exit code 2."""
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    os.umask(0o077)  # the socket is for this user only
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # sentences are short: BLAS threads only take cores from the other models
    # Moonshine's second thread spins: an utterance takes 45 ms with and without it, and 92 or 45 ms of the cores.
    os.environ.setdefault("MOONSHINE_ORT_SINGLE_THREAD", "1")
    chosen = options()
    try:
        if not chosen.socket:
            raise ConfigError("speech process: --socket or PARLEY_SPEECH_SOCKET must name where to listen")
        asyncio.run(_run(chosen))
    except ConfigError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201  # a sentence for the operator
        sys.exit(WRONG_OPTIONS)
    sys.stdout.flush()
    os._exit(0)  # a thread inside a model cannot be stopped, and nobody waits for its answer


async def _run(chosen: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch = asyncio.create_task(_stop_with_parent(stop))
    await _serve(await _loaded(chosen, stop), chosen, stop)
    watch.cancel()


async def _serve(models: "Models", chosen: argparse.Namespace, stop: asyncio.Event) -> None:
    from agent.providers.local.phrases import Phrases
    from agent.providers.local.speech_server import SpeechServer

    await _make_way(chosen.socket)
    voice = models.speak
    folder = chosen.phrases if voice else None  # those of the voice that speaks another time stay
    phrases = Phrases(folder, voice=voice.identity if voice else "", max_bytes=chosen.phrases_mb * 1024 * 1024)
    await asyncio.to_thread(phrases.load)
    server = SpeechServer(models, phrases=phrases, stt_threads=chosen.stt_threads)
    listening = await server.serve(chosen.socket)
    print(READY_LINE, flush=True)  # noqa: T201  # the supervisor reads it
    await stop.wait()
    listening.close()
    chosen.socket.unlink(missing_ok=True)
    await server.aclose()


async def _stop_with_parent(stop: asyncio.Event) -> None:
    """Standard input is a pipe from the supervisor: its end is the parent's end. A terminal or file means no parent."""
    mode = os.fstat(0).st_mode
    if not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode):
        return
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
    stop.set()


async def _loaded(chosen: argparse.Namespace, stop: asyncio.Event) -> "Models":
    """The models, warm, loaded side by side. Raises ConfigError; ends the process when the parent goes."""
    loading = asyncio.gather(
        asyncio.to_thread(_ear, chosen),
        asyncio.to_thread(_mouth, chosen),
        asyncio.to_thread(_warm, "MiniLM", None, _minilm),
        asyncio.to_thread(_smart_turn),
    )
    while not loading.done() and not stop.is_set():
        await asyncio.wait([loading], timeout=0.2)
    if stop.is_set():
        os._exit(0)  # the parent is gone and threads are inside a model's loader
    from agent.providers.local.speech_server import Models

    hear, speak, mean, over = loading.result()
    return Models(hear=hear, speak=speak, mean=mean, over=over)


def _warm(what: str, path: Path | None, load: Callable[[], M]) -> M:
    try:
        model = load()
        model.warm()
    except Exception as error:  # noqa: BLE001  # each model library has errors of its own; all mean that these files will not do
        cause = (str(error).splitlines() or [""])[0][:200]
        place = f"{what} {path}" if path else f"{what} from its wheel"
        why = f"{type(error).__name__}: {cause}"
        raise ConfigError(f"{place}: cannot be loaded ({why}); see docs/providers.md") from None
    return model


def _ear(chosen: argparse.Namespace) -> "Moonshine | None":
    if chosen.no_stt:
        return None
    return _warm("Moonshine folder", chosen.moonshine_folder, lambda: _moonshine(chosen))


def _mouth(chosen: argparse.Namespace) -> "Voice | None":
    return None if chosen.no_tts else _warm(f"{chosen.tts} voice", _voice_file(chosen), lambda: _voice(chosen))


def _moonshine(chosen: argparse.Namespace) -> "Moonshine":
    from agent.providers.local.models import moonshine

    folder = chosen.moonshine_folder or moonshine.DEFAULT_FOLDER
    return moonshine.Moonshine(folder, chosen.moonshine_arch, chosen.stt_threads)


def _voice_file(chosen: argparse.Namespace) -> Path | None:
    file: Path | None = chosen.piper_voice if chosen.tts == "piper" else chosen.hibari_voice
    return file


def _voice(chosen: argparse.Namespace) -> "Voice":
    file = _voice_file(chosen)
    if chosen.tts == "piper":
        from agent.providers.local.models.piper import Piper

        return Piper(file, chosen.tts_threads)
    from agent.providers.local.models import hibari

    return hibari.Hibari(file or hibari.DEFAULT_VOICE)


def _minilm() -> "MiniLM":
    from agent.providers.local.models import minilm

    return minilm.MiniLM()


def _smart_turn() -> "SmartTurn | None":
    """None without its wheel: turns/witnesses/choice.py says so to the operator, and asks others."""
    from agent.providers.local.models import smart_turn

    path = smart_turn.weights()
    return _warm("Smart Turn", path, lambda: smart_turn.SmartTurn(path)) if path else None


async def _make_way(socket: Path) -> None:
    """Remove what a dead predecessor left; wait for one that is about to end. Raises ConfigError if it stays."""
    deadline = asyncio.get_running_loop().time() + _ORPHAN_S
    while _is_answered(socket):
        if asyncio.get_running_loop().time() > deadline:
            raise ConfigError(f"speech process: another one listens on {socket}; stop it or choose another path")
        await asyncio.sleep(0.1)
    try:
        socket.parent.mkdir(parents=True, exist_ok=True)  # nothing else runs on this loop yet
        socket.unlink(missing_ok=True)  # noqa: ASYNC240
    except OSError as error:
        raise ConfigError(f"speech process: cannot listen on {socket}: {error.strerror}") from None


def _is_answered(socket: Path) -> bool:
    with sockets.socket(sockets.AF_UNIX) as probe:
        try:
            probe.connect(str(socket))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    main()
