/**
 * The console's files, as the build left them, with its index page for every address that is a page of it.
 *
 * Files under assets/ carry their hash in the name and never change; the index page is asked for each time.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";

const NOT_BUILT = `<!doctype html>
<html lang="en">
<title>Ringback</title>
<h1>The console has not been built</h1>
<p>The controller runs, but the files of its console are not there. Build them with <code>npm run build:console</code>,
then load this page again. Until then use the command line: <code>npm run ringback -- --help</code>.</p>
</html>
`;

export function consolePages(folder: string | undefined): Router {
  const router = Router({ caseSensitive: true, strict: true });
  if (folder !== undefined) {
    router.use(
      express.static(folder, {
        index: false,
        redirect: false,
        setHeaders: (response, path) =>
          response.setHeader(
            "Cache-Control",
            path.startsWith(join(folder, "assets")) ? "public, max-age=31536000, immutable" : "no-cache",
          ),
      }),
    );
  }
  router.use(indexPage(folder));
  return router;
}

function indexPage(folder: string | undefined): RequestHandler {
  const index = folder === undefined ? undefined : join(folder, "index.html");
  return (request, response, next) => {
    // Not a route of Express's, which would answer OPTIONS for every address there is.
    const isRead = request.method === "GET" || request.method === "HEAD";
    const isPage =
      isRead && !/^\/(api|agent|assets)(\/|$)/i.test(request.path) && request.accepts(["json", "html"]) === "html";
    if (!isPage) return next();
    response.set("Cache-Control", "no-store");
    if (index === undefined || !existsSync(index)) response.status(503).type("html").send(NOT_BUILT);
    // The options keep the header above: sendFile would set its own.
    else response.sendFile(index, { cacheControl: false, etag: false, lastModified: false });
  };
}
