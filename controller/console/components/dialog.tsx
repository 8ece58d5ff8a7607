/**
 * A modal dialog: the browser's own, which traps the focus, closes on Escape and gives the focus back.
 *
 * Rendered only while it is open.
 */
import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import styles from "./dialog.module.css";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** True once what was done takes away the button that opened it: the focus then begins anew in the content. */
  readonly openerGoes?: RefObject<boolean>;
}

export function Dialog({ title, onClose, children, openerGoes }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      giveFocusBack(before, openerGoes);
    };
  }, [openerGoes]);
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault(); // the state that opened it closes it
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

function giveFocusBack(before: Element | null, openerGoes: RefObject<boolean> | undefined): void {
  const stays = before instanceof HTMLElement && before.isConnected && openerGoes?.current !== true;
  (stays ? before : document.getElementById("main"))?.focus();
}
