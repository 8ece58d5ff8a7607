/** A document as a file, made where it is asked for. */
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";

interface DownloadProps {
  readonly value: unknown;
  readonly fileName: string;
  readonly label: string;
}

export function Download({ value, fileName, label }: DownloadProps) {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser has begun to read it by then
  };
  return (
    <Button
      variant="default"
      size="compact-md"
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={save}
      title={fileName}
    >
      {label}
    </Button>
  );
}
