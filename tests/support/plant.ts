/** Plants a fault in a server, to show that a check finds it. */
import { registerHooks } from 'node:module';

/**
 * Changes the text of a source file when this process loads it. A server loads the module that calls this before its own, with
 * `preload` of `startServer`.
 *
 * @param file the end of its path
 * @throws Error when the file is loaded and does not contain `from`: the fault would not be planted
 */
export function plant(file: string, from: string, to: string): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(file)) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array).toString();
      if (!source.includes(from)) throw new Error(`${file} does not contain ${from}`);
      return { ...loaded, source: source.replace(from, to) };
    },
  });
}
