import { pluralOf } from "../plural.js";
import type { ChatLabels } from "./types.js";

const locale = "en-GB";
const plural = pluralOf(locale);
const number = new Intl.NumberFormat(locale);
const list = new Intl.ListFormat(locale, { type: "conjunction" });
const counted = (count: number, one: string, other: string) => `${number.format(count)} ${plural(count, one, other)}`;
const listed = (names: readonly string[], others: number) =>
  list.format(others === 0 ? names : [...names, counted(others, "other", "others")]);

/** The chat in English. */
export const chatEn: ChatLabels = {
  chat: "Chat",
  conversations: "Conversations",
  newConversation: "New conversation",
  searchConversations: "Search conversations",
  unreadMessages: (count) => counted(count, "unread message", "unread messages"),
  said: (name, words) => `${name}: ${words}`,
  you: "You",
  youToo: "you",
  draft: "Draft",
  mentioned: "you are mentioned",
  mutedHint: "muted",
  someone: "Someone",
  untitled: "Conversation without a name",
  deletedAccount: "Deleted account",
  aDeletedAccount: "a deleted account",

  presence: { online: "online", away: "away", offline: "offline" },
  lastSeen: (when) => `seen ${when}`,
  members: (count) => counted(count, "member", "members"),
  membersOnline: (count, online) => `${counted(count, "member", "members")}, ${number.format(online)} online`,
  membersTitle: "Members",
  typing: (names) =>
    names.length > 2
      ? "Several people are typing…"
      : `${list.format(names)} ${plural(names.length, "is", "are")} typing…`,
  roles: { owner: "owner", admin: "admin", member: "member" },

  thread: "Conversation thread",
  messages: "Messages",
  newMessages: (count) => counted(count, "new message", "new messages"),
  toFirstNew: (count) => `Jump to the first of ${counted(count, "new message", "new messages")}`,
  toLatest: "Jump to latest",
  beginning: "The conversation begins here.",
  at: (sentence, time) => `${sentence} at ${time}`,
  edited: "edited",
  deletedMessage: "Message deleted",
  olderMessage: "An earlier message",
  readBy: (names, others) => `Read by ${listed(names, others)}`,
  reaction: (emoji, count, names) => `${emoji} ${number.format(count)}: ${listed(names, count - names.length)}`,
  waiting: "Waiting, will go when the connection returns",
  notSent: (why) => `Not sent. ${why}`,
  notSentFor: {
    forbidden: "You cannot write here.",
    not_found: "This conversation is no longer open to you.",
  },
  discard: "Remove",
  system: {
    created: (actor, _, title) =>
      title ? `${actor} created the conversation “${title}”` : `${actor} opened the conversation`,
    member_added: (actor, people) => `${actor} added ${list.format(people)}`,
    member_removed: (actor, people) => `${actor} removed ${list.format(people)}`,
    member_left: (_, people) => `${list.format(people)} left the conversation`,
    renamed: (actor, _, title) => `${actor} renamed the conversation to “${title}”`,
  },

  messageActions: "Message actions",
  react: "React",
  reply: "Reply",
  editMessage: "Edit",
  copyWords: "Copy text",
  deleteMessage: "Delete",
  copied: "Text copied",
  messageDeleted: "Message deleted",

  yourMessage: "Your message",
  yourMessageTo: (title) => `Your message to ${title}`,
  send: "Send",
  save: "Save",
  replyingTo: (name) => `Replying to ${name}:`,
  editing: "Editing your message",
  stopReplying: "Stop replying",
  stopEditing: "Stop editing",
  tooLong: (over) => `${counted(over, "character", "characters")} too many`,
  charactersLeft: (left) => `${counted(left, "character", "characters")} left`,
  mention: "Mention",
  everyone: "Everyone",
  everyoneName: "all",
  everyoneHint: "tells all members",
  mentionChoices: (count) => `${counted(count, "person", "people")} to mention`,
  youBlock: (name) => `You blocked ${name}. Unblock to write.`,
  deserted: "This person no longer has an account, so you can no longer write to them.",

  insertEmoji: "Insert an emoji",
  searchEmoji: "Search emoji",
  noEmoji: "No emoji of that name.",
  emojiGroups: {
    faces: "Faces",
    people: "Gestures and people",
    nature: "Nature",
    food: "Food",
    doing: "Leisure and travel",
    things: "Objects",
    signs: "Signs",
  },

  back: "Back to conversations",
  options: "Conversation options",
  showMembers: "See the members",
  muteConversation: "Mute",
  unmuteConversation: "Unmute",
  muteFor: "Mute",
  forever: "Until I unmute",
  mutedUntil: (when) => `Muted until ${when}`,
  mutedForever: "Muted until you unmute",
  unmuted: "Notifications are back on",
  rename: "Rename",
  groupName: "Conversation name",
  addPeople: "Add people",
  add: (count) => (count === 0 ? "Add" : `Add ${counted(count, "person", "people")}`),
  leave: "Leave the conversation",
  leaveTitle: (title) => `Leave “${title}”?`,
  leaveText: "You will no longer get its messages. A member can invite you again.",
  left: (title) => `You left “${title}”`,
  block: (name) => `Block ${name}`,
  unblock: (name) => `Unblock ${name}`,
  blockTitle: (name) => `Block ${name}?`,
  blockText: (name) =>
    `${name} will not be able to write to you here, nor you to ${name}. You can unblock at any time.`,
  blocked: (name) => `${name} can no longer write to you`,
  unblocked: (name) => `${name} can write to you again`,
  makeAdmin: "Make admin",
  unmakeAdmin: "No longer admin",
  removeMember: "Remove from the conversation",
  actionsFor: (name) => `Actions for ${name}`,
  writeTo: (name) => `Write to ${name}`,
  cancel: "Cancel",
  refusedChange: {
    edit: "Your message could not be edited. Try again in a moment.",
    delete: "The message could not be deleted. Try again in a moment.",
    react: "Your reaction could not be recorded. Try again in a moment.",
    update: "The conversation could not be renamed. Try again in a moment.",
    mute: "The setting could not be saved. Try again in a moment.",
    leave: "You are still in the conversation: leaving did not work. Try again in a moment.",
    add_members: "Nobody could be added. Try again in a moment.",
    remove_member: "This person could not be removed. Try again in a moment.",
    set_role: "The role could not be changed. Try again in a moment.",
    block: "This person could not be blocked. Try again in a moment.",
    unblock: "This person could not be unblocked. Try again in a moment.",
    create: "The conversation could not be opened. Try again in a moment.",
  },
  refusedFor: {
    forbidden: "You are not allowed to do this in this conversation.",
    conflict: "This is not possible in this conversation.",
    gone: "This message has been deleted meanwhile.",
  },

  findPeople: "Find a person",
  people: "People",
  chosenPeople: "Chosen people",
  takeBack: (name) => `Do not choose ${name}`,
  startWriting: "Write",
  createGroup: "Create the conversation",
  groupNameHint: "Optional. Without a name it bears those of its members.",
  noPeople: "There is nobody to write to yet.",
  noPeopleFor: (words) => `Nobody matches “${words}”.`,
  peopleFailed: "The list could not be loaded.",
  loadingPeople: "Searching…",
  showMore: "Show more",
  peopleFound: (count) => counted(count, "person", "people"),

  loadingConversations: "Loading conversations",
  loadingMessages: "Loading messages",
  emptyConversations: { title: "No conversation yet", text: "Write to someone: the answers appear here." },
  noConversationFor: (words) => ({ title: `No result for “${words}”`, text: "Try another name." }),
  conversationsFailed: {
    title: "Your conversations could not be loaded",
    text: "The server did not answer. Nothing is lost: they are waiting for you.",
  },
  conversationsForbidden: {
    title: "These conversations are not open to you",
    text: "Your session may have ended. Sign in again to find them.",
  },
  emptyThread: (title, others) => ({
    title: "Nothing here yet",
    text:
      others > 1
        ? `Say hello: the ${counted(others, "other member", "other members")} will see it at once.`
        : `Say hello to ${title}.`,
  }),
  threadFailed: {
    title: "This conversation could not be loaded",
    text: "The server did not answer. Your draft is kept.",
  },
  goneThread: {
    title: "This conversation is not open to you",
    text: "You are not, or no longer, one of its members. Any of them can invite you.",
  },
  chooseConversation: {
    title: "Choose a conversation",
    text: "It opens here. To begin one, take the pencil above the list.",
  },

  keyMove: "Previous, next message",
  keyEditLast: "Edit your last message (empty field)",
  keyLeave: "Leave the reply, then the conversation",
  keySend: "Send",
  keyBreak: "New line",
  keyEscape: "Esc",
  keyShift: "Shift",
  enterSends: "Enter sends the message",
};
