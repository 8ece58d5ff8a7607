/** The plan is not what was read any more. */
import { Button } from "@mantine/core";
import { Notice } from "../../components/notice.tsx";

export function Changed({ onReadAnew }: { readonly onReadAnew: () => void }) {
  return (
    <Notice tone="bad" alert>
      <p>
        <strong>The plan was changed since you opened it.</strong> Below is still what you read. It can be approved only
        after you have read it as it is now.
      </p>
      <Button variant="default" onClick={onReadAnew}>
        Show it as it is now
      </Button>
    </Notice>
  );
}
