/** Where Windows and its own programs lie, as the system says: never from an environment that somebody may have set. */
import { koffi } from "./koffi.ts";

/** Writes into the buffer; returns how many letters, or how many it would need. */
type AskFolder = (buffer: Buffer, letters: number) => number;

const LETTERS_MAX = 260;
const kernel32 = koffi.load("kernel32.dll");
const ask = (name: string): AskFolder =>
  kernel32.func(`uint32_t __stdcall ${name}(void *buffer, uint32_t letters)`) as AskFolder;
const getSystemDirectory = ask("GetSystemDirectoryW");
const getSystemWindowsDirectory = ask("GetSystemWindowsDirectoryW");

/** As C:\Windows\system32. @throws if Windows does not say */
export const systemFolder = (): string => answerOf(getSystemDirectory, "its system folder is");

/** As C:\Windows; of a terminal server the one that all share. @throws if Windows does not say */
export const windowsFolder = (): string => answerOf(getSystemWindowsDirectory, "it lies");

function answerOf(folder: AskFolder, where: string): string {
  const buffer = Buffer.alloc(2 * LETTERS_MAX);
  const letters = folder(buffer, LETTERS_MAX);
  if (letters === 0 || letters >= LETTERS_MAX) throw new Error(`Windows does not say where ${where}`);
  return buffer.toString("utf16le", 0, 2 * letters);
}
