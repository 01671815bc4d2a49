"""The composition root: a profile becomes Call + Persona + AgentSession + observers. Only here do the parts meet."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from pathlib import Path

from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentSession, JobContext, llm, room_io

from agent.call.call import Call, utc_now
from agent.dialog.bridge import Bridge
from agent.dialog.fillers import Fillers
from agent.dialog.lifecycle import Lifecycle
from agent.dialog.persona import Persona
from agent.dialog.sayings import Sayings
from agent.dialog.spoken_language import SpokenLanguage, go_on_in
from agent.dialog.transferring import Means, Transferring
from agent.dialog.turn_taking import TurnTaking, new_voice
from agent.dialog.unspoken import Unspoken
from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    EndReason,
    Event,
    FillerSpoken,
    ProviderFailed,
    Role,
    TakenUp,
)
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.chains import Chains
from agent.providers.local.speech_client import SOCKET_VARIABLE, SpeechClient
from agent.providers.rendered import kept_sentences
from agent.rescue.orphan import Orphan, dismiss
from agent.rescue.taking_up import Carried, Keeper
from agent.room.caller import channel_of, number_of, sip_ids_of
from agent.room.presence import Presence, Wants
from agent.sending import invitation_hook_of
from agent.servers.dispatch import Dispatch
from agent.session.kit import Kit
from agent.session.opening import Opening
from agent.session.thinking import Thinking
from agent.tap import Tap
from agent.telephony.dialling import Dialling
from agent.telephony.inviting import Inviting
from agent.thinking.llm_stack import fillers_of
from agent.tooling.mcp_tools import McpTools
from agent.tooling.toolbox import note_for_people
from agent.turns.options import PATIENCE, turn_handling
from agent.turns.voice_out import Source, VoiceOut

logger = logging.getLogger("parley.session")

MEMORY_S = 3.0  # a database that takes longer keeps no job from ending
LAST_WORDS_S = 0.6  # what the room still holds of the last sentence when the agent's side is done
PATIENCE_S = 2.0  # a speech process that takes longer to come back costs an apology; nobody waits in silence


class Conversation:
    """One call in a job: `start` answers it, the session's close ends the job, `aclose` tells everyone and tidies.
    `carried` is a call whose job has died: it is taken up where it was."""

    def __init__(self, context: JobContext, kit: Kit, carried: Carried | None = None) -> None:
        self._context = context
        self._kit = kit
        self._carried = carried
        self._started_at = carried.started_at if carried else utc_now()
        self._closed_as: EndReason | None = None
        self._is_ours = True  # false where another agent has the call, or there was none: nothing is told of it
        self._has_colleague = self._is_over = False
        self.has_crashed = False  # the worker says so when `start` failed
        self._stand_by: asyncio.Task[None] | None = None
        self._persona: Persona | None = None
        self._voice: VoiceOut | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        call_id = carried.call_id if carried else context.job.id
        self.call = Call(
            id=call_id,
            profile=kit.profile,
            publish=self._publish,
            hang_up=lambda reason: self._lifecycle.hang_up(reason),  # noqa: PLW0108  # there is no lifecycle yet
            backends=kit.backends,
            memory=kit.memory(call_id),
        )
        self.call.note_for_people = partial(note_for_people, kit.toolbox, self.call)
        if carried:
            carried.restore(self.call)
        self._speech = SpeechClient(
            Path(os.environ.get(SOCKET_VARIABLE, "")), on_failure=self._on_speech_failure, return_timeout_s=PATIENCE_S
        )
        self._mcp = McpTools(self._profile.mcp, self._profile.limits.tool_timeout_s)
        self._chains = Chains(self._profile, kit.settings.var_dir, self.call.emit, utc_now)
        self._tts = self._chains.build_voice(catalog.lent_to_voice(self._profile, self._speech))
        self._pronunciation = None if self._chains.pronounces else catalog.pronunciation_of(self._profile)
        self._thinking = Thinking(kit, self.call, self._speech, self._chains.prepare)
        self._turn_taking = TurnTaking(
            self._profile,
            kit.toolbox.intents,
            self._speech,
            kit.vad,
            self._chains,
            self._thinking.meant,
            self._thinking.rehearse,
        )
        self._language = SpokenLanguage(self.call, kit.in_languages, partial(go_on_in, self._turn_taking, self._speech))
        self._session = self._build_session()
        kept = kept_sentences(self._profile, kit.settings.var_dir)
        self._sayings = Sayings(self._session, self._tts, self._pronunciation, kept)
        self._bridge: Bridge | None = None
        self._lifecycle = Lifecycle(
            self.call,
            speak=self._sayings.speak,
            until_silent=self._until_silent,
            close=self._close_session,
            hold=lambda: self._presence.hold,
        )
        self._fillers = Fillers(
            self.call,
            kit.toolbox.fillers,
            say=self._sayings.fill,
            caller_speaks=lambda: self._session.user_state == "speaking",
            agent_speaks=lambda: self._session.agent_state == "speaking",
        )
        self._unspoken = Unspoken(
            self._session,
            lambda: self._profile.sentences,
            self._sayings,
            self._lifecycle,
            saying=lambda: self._persona.saying if self._persona else "",
            spawn=self._spawn,
            hear=self._language.hear,
        )
        self.call.line = self._transferring = Transferring(self.call, self._means())
        self._keeper = Keeper(kit.kept, context.worker_id, utc_now)
        self._opening = Opening(self.call, self._session, self._sayings, self._lifecycle, kit, self._keeper, carried)
        self._presence = Presence(
            context,
            self._profile,
            Wants(
                on_caller=self._on_other_caller,
                on_connection=self._lifecycle.on_connection,
                on_words=self._unspoken.take,
                on_refused=self._unspoken.refuse,
                on_second=self._leave_to_colleague,
                keys=self._unspoken.wishes(),
            ),
            kit.clean,
        )
        turns = carried.turns if carried else 0
        self._tap = Tap(self.call, on_busy=self._lifecycle.on_busy, on_close=self._on_close, turns=turns)
        self._tap.attach(self._session)

    @property
    def _profile(self) -> Profile:  # in the language that is spoken now
        return self.call.profile

    async def start(self, wanted: Dispatch) -> None:
        """Join the room, wait for the caller, greet. Returns once the call runs by itself."""
        door = self._kit.door(self.call.discretion)
        if self._carried:
            await asyncio.to_thread(self._carried.tell_again, door)
        self._kit.bus.open(self.call.id, door, self.call.flag)
        self._language.told = wanted.language
        self._spawn(self._chains.run(self._on_spent))
        self._spawn(self._thinking.warm())  # the greeting gives it time; who speaks earlier waits in the first turn
        if not await self._presence.arrive(wanted.instead_of):
            self._leave_to_colleague()
            return
        self._voice = self._turn_taking.voice = None if self._context.is_fake_job() else new_voice()
        if self._voice:  # livekit-sip picks up when there is a voice to be heard
            self._spawn(self._voice.publish(self._context.room))
        is_known = await self._opening.prepare(wanted.attempt)
        caller = await self._presence.wait_for_caller(wanted.caller) if is_known else None
        if caller is None and not self._context.is_fake_job():
            logger.info("no caller came", extra={"call": self.call.id})
            self._is_ours = self._carried is not None
            if self._carried:  # its record is open, and ends here
                self._tell_joined(None)
            self._closed_as = EndReason.CONNECTION_LOST
            self._context.shutdown("no caller")
            return
        if caller is not None:
            self._meet(caller)
        self._tell_joined(caller)
        await self._open(caller)
        self._lifecycle.start((utc_now() - self._started_at).total_seconds())
        self._spawn(self._opening.run())
        self._spawn(self._render())
        if self._voice:
            self._keeper.start(self._state)
            self._stand_by = asyncio.create_task(self._orphan(self._voice.source).when_left(), name="stand by")

    async def aclose(self) -> None:
        """The call is over, whatever ended it: say so to the observers and the page, and let the room go."""
        reason = self._lifecycle.reason or self._closed_as or self._unasked()
        reason = EndReason.TRANSFERRED if await self._transferring.settled() else reason
        dismiss(self._stand_by)
        if self._is_ours:
            if reason is EndReason.WORKER_STOPPED and self._voice is not None:
                await self._sayings.at_last(self._profile.sentences.limit_goodbye, self._voice.source)
            duration_s = (utc_now() - self._started_at).total_seconds()
            self.call.emit(await self._chains.aclose())
            self.call.emit(CallEnded(reason=reason, duration_s=round(duration_s, 2), turns=self._tap.turns))
        self._is_over = True
        self.call.rehearsals.begin({})
        for task in self._tasks:
            task.cancel()
        for part in (self._transferring, self._fillers, self._opening, self._lifecycle):
            await part.aclose()
        await self._presence.aclose(ends_room=not self._has_colleague)
        if self._is_ours:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.call.memory.close(self.call.who), MEMORY_S)
        await self._turn_taking.aclose()
        await self._mcp.aclose()
        await self._tts.aclose()
        await self._speech.aclose()
        await asyncio.to_thread(self._kit.bus.flush)
        await self._keeper.stop()
        if self._is_ours and not self._context.is_fake_job():
            await self._keeper.leave_behind(reason, is_private=self._profile.memory.is_private)
            await self._keeper.forget(self.call.id)  # until here another job could have gone on
        await self._presence.leave_nobody_behind()

    def _means(self) -> Means:
        room, dialling = self._context.room, Dialling(lambda: self._context.api, self._context.room, self._kit.lines)
        return Means(
            session=self._session,
            room=room,
            caller=lambda: self._presence.caller,
            dialling=dialling,
            inviting=Inviting(self._kit.settings, room, dialling, invitation_hook_of(self._profile, utc_now)),
            sayings=self._sayings,
            attention=self._lifecycle,
            ears=self._kit.vad,
            hears=self._turn_taking.stt,
        )

    def _build_session(self) -> AgentSession[Call]:
        return AgentSession(
            stt=self._turn_taking.stt,
            llm=self._thinking.build(self._chains),
            tts=self._tts,
            vad=None,  # the STT has its own, and turns/listening decides what an interruption is
            turn_handling=turn_handling(self._profile.turns),
            # a local voice and a chain pronounce by themselves, and keep what was written for the captions
            tts_text_transforms=[self._pronunciation.transform] if self._pronunciation else None,
            userdata=self.call,
            aec_warmup_duration=None,  # rules/interruption knows an echo by its words
            user_away_timeout=None,  # dialog/lifecycle.py counts silence, also across a dropped connection
            conn_options=PATIENCE,
        )

    def _meet(self, caller: rtc.RemoteParticipant) -> None:
        self.call.number = number_of(caller) or self.call.number
        self._context.log_context_fields |= sip_ids_of(caller)
        if channel_of(caller) == "phone":
            self._turn_taking.on_phone()
        if not self._carried:
            self._language.begin(self._context.room.metadata, caller)
        self._spawn(self.call.memory.told(self.call.who, self.call.tier))  # no turn waits for the store
        self._spawn(self._transferring.look())

    def _on_other_caller(self, caller: rtc.RemoteParticipant) -> None:
        """Who was greeted was none: the call, and the greeting, are this one's."""
        self._meet(caller)
        with contextlib.suppress(RuntimeError):  # the session has not begun: then it begins with this one
            self._session.room_io.set_participant(caller.identity)
            self._spawn(self._opening.run())

    def _tell_joined(self, caller: rtc.RemoteParticipant | None) -> None:
        profile, before = self._profile.name, self._carried
        if before:
            self.call.emit(TakenUp(profile=profile, channel=before.channel, turn=before.turns))
        else:
            self.call.emit(CallJoined(profile=profile, channel=channel_of(caller), **sip_ids_of(caller)))

    async def _open(self, caller: rtc.RemoteParticipant | None) -> None:
        """Begin the session: ears, voice, and what was said before, if the call is taken up."""
        if self._voice:
            if self._chains.is_needed:
                self._spawn(self._bridged(self._voice))
            self._session.input.audio = self._presence.listen()
        self._persona = self._turn_taking.persona(self._session, self._kit.toolbox.tools, voice=self._voice)
        self._persona.language = self._language
        if self._carried:
            await self._persona.update_chat_ctx(self._carried.context)
            self._language.go_on(self._carried.language)
        if self._voice and (ears := self._presence.microphones):
            self._opening.attach(self._persona, ears, self._voice, self._context.room, self._thinking.large)
        await self._session.start(
            agent=self._persona,
            room=self._context.room,
            room_options=room_io.RoomOptions(
                participant_identity=caller.identity if caller else NOT_GIVEN,
                audio_input=self._voice is None,  # microphones.py hears, written.py reads, voice_out.py speaks
                text_input=self._voice is None,
                audio_output=self._voice is None,
            ),
            record=False,
            session_host=False,  # otherwise whoever may send data can read prompts and history
        )
        self._spawn(self._mcp.lend_to(self._persona))

    async def _bridged(self, voice: VoiceOut) -> None:
        """Where several providers may fail one after the other, no silence is long."""
        bridge = self._bridge = Bridge(
            lambda sentence: self._sayings.interject(sentence, voice),
            self._profile.fillers.sentences,
            caller_speaks=lambda: self._session.user_state == "speaking",
            sounds=lambda: voice.sounds,
            is_starving=lambda: voice.is_starving,
            on_spoken=lambda: self.call.emit(FillerSpoken(turn=self._tap.turns, tool="")),
        )
        self._turn_taking.tell_unheard(bridge.on_unheard)
        await bridge.run()

    async def _render(self) -> None:
        says, fillers = self._profile.sentences, fillers_of(self._profile, self._kit.toolbox)
        ends = says.limit_goodbye, says.out_of_order
        await self._sayings.render((*fillers, says.apology, says.hold_the_line, *ends))

    def _state(self) -> Carried:
        caller, history = self._presence.caller, self._persona.chat_ctx if self._persona else llm.ChatContext.empty()
        return Carried.of(
            self.call,
            room=self._context.room.name,
            agent=self._context.local_participant_identity,
            caller=caller.identity if caller else "",
            channel=channel_of(caller),
            started_at=self._started_at,
            turns=self._tap.turns,
            history=history,
        )

    def _orphan(self, source: Source) -> Orphan:
        return Orphan(
            room=self._context.room,
            settings=self._kit.settings,
            sentences=self._profile.sentences,
            say=lambda sentence: self._sayings.at_last(sentence, source),
            bury=lambda: self._kit.kept.bury(self.call.id, utc_now()),
        )

    def _leave_to_colleague(self) -> None:
        logger.info("another agent is in this call", extra={"call": self.call.id})
        self._is_ours, self._has_colleague = False, True
        self._context.shutdown("another agent is in this call")

    def _unasked(self) -> EndReason:
        """Why the call ends that nobody here ended."""
        is_there = self._context.room.isconnected() and not self.has_crashed
        return EndReason.WORKER_STOPPED if is_there else EndReason.CRASHED

    async def _until_silent(self) -> None:
        with contextlib.suppress(RuntimeError):
            await self._session.wait_for_idle()
            await asyncio.sleep(LAST_WORDS_S)

    async def _close_session(self, reason: EndReason) -> None:
        logger.info("hanging up", extra={"call": self.call.id, "reason": reason.value})
        await self._session.aclose()

    def _on_close(self, reason: EndReason | None) -> None:
        self._closed_as = reason
        self._context.shutdown(reason.value if reason else "hung up")

    def _on_spent(self) -> None:
        if self._persona is not None:  # who calls hears why
            self._lifecycle.give_up(EndReason.COST_LIMIT)

    def _on_speech_failure(self, role: Role, reason: str) -> None:
        self.call.emit(ProviderFailed(role=role, provider="local", reason=reason, is_recoverable=True))

    def _publish(self, call_id: str, at: datetime, event: Event) -> None:
        if self._is_over or not self._is_ours:
            return  # nothing follows CallEnded: a room that is taken down still makes noise
        self._is_over = isinstance(event, CallEnded)
        if isinstance(event, CallerSpoke):
            self._presence.was_heard()
        self._kit.bus.publish(call_id, at, event)
        followers = (self._lifecycle, self._opening, self._fillers, self._bridge, self._transferring, self._tap)
        for part in (self._keeper, *followers):
            if part is not None:
                part.on_event(event)
        if (feed := self._presence.feed) is not None:
            feed.on_event(call_id, at, event)

    def _spawn(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
