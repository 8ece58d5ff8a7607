/**
 * The hook for signing: a command of whoever holds the key, for each file that Windows asks for a signature. The key never
 * comes near this program.
 *
 *     npm run package:windows -- --sign 'osslsigncode sign -certs c.pem -key k.pem -h sha256 -in "$IN" -out "$OUT"'
 *
 * node.exe keeps the signature of its maker, and is not signed again. Time stamps make packages differ: what is compared
 * byte for byte is the package before it is signed.
 */
import { execFile } from "node:child_process";
import { rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";

/** @param command for sh; `$IN` is the file, `$OUT` where the signed one is to be. @throws what it says, or that it made nothing */
export async function sign(command: string, path: string): Promise<void> {
  const out = `${path}.signed`;
  await rm(out, { force: true });
  await promisify(execFile)("sh", ["-c", command], { env: { ...process.env, IN: path, OUT: out } });
  if ((await stat(out).catch(() => undefined)) === undefined)
    throw new Error(`the signing command ended well and made no ${out}`);
  await rename(out, path);
}
