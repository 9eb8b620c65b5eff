import type { Notification, Person } from "@carillon/client";
import { useState } from "react";
import { hueOf, initials } from "../format.js";
import { Icon, type IconName, isIcon } from "./Icon.js";

const TYPE_ICONS: Record<string, IconName> = {
  message: "chat",
  email: "mail",
  contact: "user",
  event: "calendar",
  system: "horn",
};
const SEVERITY_ICONS: Record<string, IconName> = { success: "check", warning: "alert", error: "alert" };

/** A person's picture, or the initials on a quiet ground that is always the same for the same person. */
export function Avatar({ person, size }: { person: Person; size?: "small" | "tiny" }) {
  const [isBroken, setBroken] = useState(false);
  const hasPicture = person.avatar !== "" && !isBroken;
  return (
    <span
      className="carillon-avatar"
      data-hue={hueOf(person.id)}
      data-size={size}
      data-initials={hasPicture ? undefined : initials(person.name)}
      aria-hidden="true"
    >
      {hasPicture && (
        <img
          className="carillon-avatar-image"
          src={person.avatar}
          alt=""
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={() => setBroken(true)}
        />
      )}
    </span>
  );
}

function iconOf({ icon, type }: Notification): IconName | undefined {
  return isIcon(icon) ? icon : TYPE_ICONS[type];
}

/** Who did it, with the kind as a small glyph; or a tile that carries the severity, where nobody did. */
export function Face({ notification }: { notification: Notification }) {
  const { actor, severity } = notification;
  const icon = iconOf(notification);
  if (!actor) {
    return (
      <div className="carillon-row-face">
        <span className="carillon-row-tile" data-severity={severity}>
          <Icon name={(isIcon(notification.icon) ? icon : SEVERITY_ICONS[severity]) ?? icon ?? "bell"} />
        </span>
      </div>
    );
  }
  return (
    <div className="carillon-row-face">
      <Avatar person={actor} />
      {icon && (
        <span className="carillon-row-kind">
          <Icon name={icon} />
        </span>
      )}
    </div>
  );
}
