"""What a socket client may ask of conversations; each command calls one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carillon.conversations import actions, queries, requests
from carillon.conversations.actions.marking import group_of
from carillon.conversations.models import Conversation
from carillon.presence import actions as presence
from carillon.realtime.command import Caller, Nothing, command, hot_command


def user_key(caller: Caller) -> Any:
    """The caller's key as the user model has it."""
    return queries.user_key(caller.person)


@hot_command(
    "message.send",
    actions.send_messages,
    requests.sent,
    params=requests.SendMessage,
    reply=requests.SentMessage,
)
def send(caller: Caller, params: requests.SendMessage) -> actions.NewMessage:
    """Say something."""
    key = caller.client_id or ""
    return actions.new_message(user_key(caller), params.conversation, params.content, params.reply_to, key)


@command("message.edit", params=requests.EditMessage, reply=requests.SentMessage)
def edit(caller: Caller, params: requests.EditMessage) -> Callable[[], requests.SentMessage]:
    """Let a message of one's own say something else."""
    done = actions.edit_message(user_key(caller), params.conversation, params.message, params.content)
    return requests.message_changed(done)


@command("message.delete", params=requests.OneMessage, reply=requests.SentMessage)
def delete(caller: Caller, params: requests.OneMessage) -> Callable[[], requests.SentMessage]:
    """Take a message back."""
    return requests.message_changed(actions.delete_message(user_key(caller), params.conversation, params.message))


@command("message.react", params=requests.ReactToMessage, reply=requests.SentMessage)
def react(caller: Caller, params: requests.ReactToMessage) -> Callable[[], requests.SentMessage]:
    """Put an emoji under a message, or take it back."""
    done = actions.react(user_key(caller), params.conversation, params.message, params.emoji, on=params.on)
    return requests.message_changed(done)


@command("conversation.create", params=requests.NewConversation, reply=requests.ConversationDetail)
def create(caller: Caller, params: requests.NewConversation) -> Callable[[], requests.ConversationDetail]:
    """Open a conversation; a direct one that there is already is answered as it is."""
    me = user_key(caller)
    made = actions.open_conversation(
        me, params.kind, params.people, title=params.title, picture=params.picture, about=params.about
    )
    return lambda: requests.detail_of(me, made.pk)


@command("conversation.update", params=requests.NameConversation, reply=requests.ConversationChanged)
def update(caller: Caller, params: requests.NameConversation) -> Callable[[], requests.ConversationChanged]:
    """Give a conversation another title or picture."""
    done = actions.update_conversation(
        user_key(caller), params.conversation, title=params.title, picture=params.picture
    )
    return requests.changed(done)


@command("conversation.read", params=requests.ReadConversation, reply=requests.MarkMoved)
def read(caller: Caller, params: requests.ReadConversation) -> Callable[[], requests.MarkMoved]:
    """Note how far one has read."""
    done = actions.mark_read(user_key(caller), params.conversation, params.up_to, message=params.message)
    return requests.mark_moved(done)


@command("conversation.mute", params=requests.MuteConversation, reply=requests.ConversationChanged)
def mute(caller: Caller, params: requests.MuteConversation) -> Callable[[], requests.ConversationChanged]:
    """Be notified of nothing for a while."""
    return requests.changed(actions.mute(user_key(caller), params.conversation, params.until))


@command("conversation.leave", params=requests.OneConversation, reply=requests.ConversationChanged)
def leave(caller: Caller, params: requests.OneConversation) -> Callable[[], requests.ConversationChanged]:
    """Leave a group or a room."""
    return requests.changed(actions.leave(user_key(caller), params.conversation))


@command("member.add", params=requests.AddMembers, reply=requests.ConversationChanged)
def add(caller: Caller, params: requests.AddMembers) -> Callable[[], requests.ConversationChanged]:
    """Bring people in."""
    return requests.changed(actions.add_members(user_key(caller), params.conversation, params.people))


@command("member.remove", params=requests.OneMember, reply=requests.ConversationChanged)
def remove(caller: Caller, params: requests.OneMember) -> Callable[[], requests.ConversationChanged]:
    """Send somebody away."""
    return requests.changed(actions.remove_member(user_key(caller), params.conversation, params.person))


@command("member.set_role", params=requests.SetRole, reply=requests.ConversationChanged)
def set_role(caller: Caller, params: requests.SetRole) -> Callable[[], requests.ConversationChanged]:
    """Make a member owner, admin or member."""
    return requests.changed(actions.set_role(user_key(caller), params.conversation, params.person, params.role))


@command("person.block", params=requests.OnePerson, reply=requests.ConversationChanged)
def block(caller: Caller, params: requests.OnePerson) -> Callable[[], requests.ConversationChanged]:
    """Write no more to somebody, nor they to the caller."""
    return requests.changed(actions.block(user_key(caller), params.person))


@command("person.unblock", params=requests.OnePerson, reply=requests.ConversationChanged)
def unblock(caller: Caller, params: requests.OnePerson) -> Callable[[], requests.ConversationChanged]:
    """End a block."""
    return requests.changed(actions.unblock(user_key(caller), params.person))


@command("conversation.look", params=requests.LookAtConversation, is_write=False)
def look(caller: Caller, params: requests.LookAtConversation) -> Nothing:
    """Have conversations before one's eyes: nothing is notified of them meanwhile. Others that one is not in do not count."""
    me, found = user_key(caller), set[int]()
    if params.conversation is not None:
        found.add(queries.present_membership(me, params.conversation).conversation_id)
    if params.others:
        found.update(Conversation.objects.of(me).filter(pk__in=params.others).values_list("pk", flat=True))
    presence.look(caller.person, caller.connection, *map(group_of, sorted(found)))
    return Nothing()


@command("typing.set", params=requests.SetTyping, is_write=False)
def typing(caller: Caller, params: requests.SetTyping) -> Nothing:
    """Tell the others that the caller writes, or no longer."""
    actions.set_typing(caller.person, caller.identity.face, params.conversation, is_typing=params.is_typing)
    return Nothing()
