/** The words of `carillon.v1`: what is generated from Python, sorted for use. */
import type {
  ClientFrame,
  Detail,
  DrainFrame,
  ErrorFrame,
  HelloData,
  HelloFrame,
  ReplyFrame,
  ResyncFrame,
  ServerFrame,
  TokenExpiringFrame,
} from "./generated/protocol.js";

export type * from "./generated/protocol.js";

/** The WebSocket subprotocol this client speaks. */
export const PROTOCOL = "carillon.v1";

/** What the server says about the connection itself. */
export type ControlFrame = HelloFrame | ResyncFrame | DrainFrame | TokenExpiringFrame | ErrorFrame | ReplyFrame;

/** Every event this version knows, told apart by `type`. */
export type KnownEvent = Exclude<ServerFrame, ControlFrame>;

export type EventType = KnownEvent["type"];

/** What each event carries. */
export type EventData = { [Known in KnownEvent as Known["type"]]: Known["data"] };

/** What each command carries. */
export type CommandData = { [Known in ClientFrame as Known["type"]]: Known["data"] };

/** One event as it stands on the wire, known or not; an ephemeral one has neither epoch nor offset. */
export interface EventFrame<Type extends string = string, Data = unknown> {
  type: Type;
  topic: string;
  epoch?: string;
  offset?: number;
  at: string;
  data: Data;
}

/** The server's greeting, which says who we are and where live delivery starts. */
export type Hello = HelloData;

export type ErrorDetail = Detail;
