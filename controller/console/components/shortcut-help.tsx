/** The keys that do something on their own. All need a modifier, so none is pressed while dictating or typing. */
import { Button } from "@mantine/core";
import { IconKeyboard } from "@tabler/icons-react";
import { useState } from "react";
import { Dialog } from "./dialog.tsx";

export function ShortcutHelp() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconKeyboard size={18} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Keyboard
      </Button>
      {open && (
        <Dialog title="Keyboard" onClose={() => setOpen(false)}>
          <p>
            <kbd>Alt</kbd> + <kbd>H</kbd> asks to halt the incident or the rollout on the page; on the overview, the one
            that can be halted. Enter then halts it, Escape goes back. With several, it goes to the first.
          </p>
          <p>
            <kbd>Alt</kbd> + <kbd>I</kbd> goes to the incidents.
          </p>
          <p>
            <kbd>Alt</kbd> + <kbd>S</kbd> goes to the search of the devices.
          </p>
          <p>Everything else is reached with Tab and pressed with Enter. No single letter does anything.</p>
          <Button variant="default" mt={16} onClick={() => setOpen(false)}>
            Close
          </Button>
        </Dialog>
      )}
    </>
  );
}
