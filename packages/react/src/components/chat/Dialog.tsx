import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import { useLabels } from "../../context.js";
import { Icon } from "../Icon.js";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the foot. */
  foot?: ReactNode;
}

/** Opens a dialog as soon as it is mounted, and gives the focus back when it goes. */
function useModal(dialog: RefObject<HTMLDialogElement | null>, onClose: () => void): void {
  const closed = useRef(onClose);
  useEffect(() => {
    closed.current = onClose;
  });
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const opener = document.activeElement;
    element.showModal();
    // A dialog that asks for words begins with its field.
    element.querySelector<HTMLElement>("input, textarea")?.focus({ preventScroll: true });
    const onEnd = () => closed.current();
    element.addEventListener("close", onEnd);
    return () => {
      element.removeEventListener("close", onEnd);
      element.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, [dialog]);
}

/** A modal dialog, open as long as it is rendered: Escape, its cross and a press beside it close it. */
export function Dialog({ title, onClose, children, foot }: DialogProps) {
  const labels = useLabels();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog, onClose);
  return (
    <dialog
      ref={dialog}
      className="carillon-dialog"
      aria-labelledby={titleId}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className="carillon-dialog-head">
        <h2 className="carillon-dialog-title" id={titleId} dir="auto">
          {title}
        </h2>
        <button
          type="button"
          className="carillon-icon-button"
          aria-label={labels.close}
          title={labels.close}
          onClick={onClose}
        >
          <Icon name="x" />
        </button>
      </div>
      <div className="carillon-dialog-body">{children}</div>
      {foot && (
        <div className="carillon-dialog-foot">
          <div className="carillon-dialog-actions">{foot}</div>
        </div>
      )}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  /** The verb of the button. */
  verb: string;
  cancel: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that others notice. */
export function Confirm({ title, text, verb, cancel, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="carillon-button" data-kind="quiet" onClick={onClose}>
            {cancel}
          </button>
          <button
            type="button"
            className="carillon-button"
            data-kind="danger"
            onClick={() => {
              onClose();
              onConfirm();
            }}
          >
            {verb}
          </button>
        </>
      }
    >
      <p className="carillon-plain">{text}</p>
    </Dialog>
  );
}
