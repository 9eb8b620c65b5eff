import type { Blank } from "../types.js";

/** What a change of a conversation may be refused for. */
export type RefusedChange =
  | "edit"
  | "delete"
  | "react"
  | "update"
  | "mute"
  | "leave"
  | "add_members"
  | "remove_member"
  | "set_role"
  | "block"
  | "unblock"
  | "create";

export type EmojiGroup = "faces" | "people" | "nature" | "food" | "doing" | "things" | "signs";

/** Every text of the chat, in one language; kept apart, so that a page with a bell alone does not carry them. */
export interface ChatLabels {
  // The list of conversations
  readonly chat: string;
  readonly conversations: string;
  readonly newConversation: string;
  readonly searchConversations: string;
  readonly unreadMessages: (count: number) => string;
  readonly said: (name: string, words: string) => string;
  readonly you: string;
  /** The reader within a list of others. */
  readonly youToo: string;
  readonly draft: string;
  readonly mentioned: string;
  readonly mutedHint: string;
  readonly someone: string;
  readonly untitled: string;
  readonly deletedAccount: string;
  /** Within a sentence, of somebody whose name went with the account. */
  readonly aDeletedAccount: string;

  // Who is here
  readonly presence: Readonly<Record<"online" | "away" | "offline", string>>;
  readonly lastSeen: (when: string) => string;
  readonly members: (count: number) => string;
  readonly membersOnline: (count: number, online: number) => string;
  readonly membersTitle: string;
  readonly typing: (names: readonly string[]) => string;
  readonly roles: Readonly<Record<"owner" | "admin" | "member", string>>;

  // The thread
  readonly thread: string;
  readonly messages: string;
  readonly newMessages: (count: number) => string;
  readonly toFirstNew: (count: number) => string;
  readonly toLatest: string;
  readonly beginning: string;
  readonly at: (sentence: string, time: string) => string;
  readonly edited: string;
  readonly deletedMessage: string;
  /** In place of what a quote cannot say to everybody here. */
  readonly olderMessage: string;
  readonly readBy: (names: readonly string[], others: number) => string;
  readonly reaction: (emoji: string, count: number, names: readonly string[]) => string;
  readonly waiting: string;
  readonly notSent: (why: string) => string;
  /** Why, by the code of the refusal. */
  readonly notSentFor: Readonly<Record<"forbidden" | "not_found", string>>;
  readonly discard: string;
  readonly system: Readonly<
    Record<
      "created" | "member_added" | "member_removed" | "member_left" | "renamed",
      (actor: string, people: readonly string[], title: string, isYou: boolean) => string
    >
  >;

  // What may be done with a message
  readonly messageActions: string;
  readonly react: string;
  readonly reply: string;
  readonly editMessage: string;
  readonly copyWords: string;
  readonly deleteMessage: string;
  readonly copied: string;
  readonly messageDeleted: string;

  // Writing
  readonly yourMessage: string;
  readonly yourMessageTo: (title: string) => string;
  readonly send: string;
  readonly save: string;
  readonly replyingTo: (name: string) => string;
  readonly editing: string;
  readonly stopReplying: string;
  readonly stopEditing: string;
  readonly tooLong: (over: number) => string;
  readonly charactersLeft: (left: number) => string;
  readonly mention: string;
  readonly everyone: string;
  /** After an @; the server knows `all`, `tous` and `toutes`. */
  readonly everyoneName: "all" | "tous" | "toutes";
  readonly everyoneHint: string;
  readonly mentionChoices: (count: number) => string;
  readonly youBlock: (name: string) => string;
  /** Instead of the field, where the other has no account any more. */
  readonly deserted: string;

  // Emoji
  readonly insertEmoji: string;
  readonly searchEmoji: string;
  readonly noEmoji: string;
  readonly emojiGroups: Readonly<Record<EmojiGroup, string>>;

  // The head of a conversation
  readonly back: string;
  readonly options: string;
  readonly showMembers: string;
  readonly muteConversation: string;
  readonly unmuteConversation: string;
  readonly muteFor: string;
  readonly forever: string;
  readonly mutedUntil: (when: string) => string;
  readonly mutedForever: string;
  readonly unmuted: string;
  readonly rename: string;
  readonly groupName: string;
  readonly addPeople: string;
  readonly add: (count: number) => string;
  readonly leave: string;
  readonly leaveTitle: (title: string) => string;
  readonly leaveText: string;
  readonly left: (title: string) => string;
  readonly block: (name: string) => string;
  readonly unblock: (name: string) => string;
  readonly blockTitle: (name: string) => string;
  readonly blockText: (name: string) => string;
  readonly blocked: (name: string) => string;
  readonly unblocked: (name: string) => string;
  readonly makeAdmin: string;
  readonly unmakeAdmin: string;
  readonly removeMember: string;
  readonly actionsFor: (name: string) => string;
  readonly writeTo: (name: string) => string;
  readonly cancel: string;
  readonly refusedChange: Readonly<Record<RefusedChange, string>>;
  /** A change that trying again does not help, by the code of the refusal. */
  readonly refusedFor: Readonly<Record<"forbidden" | "conflict" | "gone", string>>;

  // Choosing people
  readonly findPeople: string;
  readonly people: string;
  readonly chosenPeople: string;
  readonly takeBack: (name: string) => string;
  readonly startWriting: string;
  readonly createGroup: string;
  readonly groupNameHint: string;
  readonly noPeople: string;
  readonly noPeopleFor: (words: string) => string;
  readonly peopleFailed: string;
  readonly loadingPeople: string;
  readonly showMore: string;
  readonly peopleFound: (count: number) => string;

  // Lists without rows
  readonly loadingConversations: string;
  readonly loadingMessages: string;
  readonly emptyConversations: Blank;
  readonly noConversationFor: (words: string) => Blank;
  readonly conversationsFailed: Blank;
  readonly conversationsForbidden: Blank;
  readonly emptyThread: (title: string, others: number) => Blank;
  readonly threadFailed: Blank;
  readonly goneThread: Blank;
  readonly chooseConversation: Blank;

  // Keyboard help
  readonly keyMove: string;
  readonly keyEditLast: string;
  readonly keyLeave: string;
  readonly keySend: string;
  readonly keyBreak: string;
  readonly keyEscape: string;
  readonly keyShift: string;
  readonly enterSends: string;
}
