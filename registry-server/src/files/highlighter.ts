import { Worker } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'

/** Longer texts are shown without colours. */
const charactersMax = 256 * 1024
/** Texts that wait for the thread; more are shown without colours. */
const waitingMax = 32
/** A text that takes longer is shown without colours, and the thread is replaced. */
const oneMs = 1_500
const cachedCharactersMax = 16 * 2 ** 20

const languages: Readonly<Record<string, string>> = {
  alloy: 'alloy',
  river: 'alloy',
  cjs: 'javascript',
  js: 'javascript',
  javascript: 'javascript',
  json: 'json',
  md: 'markdown',
  mjs: 'javascript',
  proto: 'protobuf',
  ts: 'typescript',
  typescript: 'typescript',
  yaml: 'yaml',
  yml: 'yaml',
}

interface Waiting {
  readonly finish: (markup: string | undefined) => void
  readonly timer: NodeJS.Timeout
}

/** Colours source code in one thread. Without an answer in time the code is shown as it is. */
export class Highlighter {
  readonly #cache = new LRUCache<string, string>({
    maxSize: cachedCharactersMax,
    sizeCalculation: (markup) => markup.length + 100,
  })
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #next = 0

  /**
   * HTML of a file, escaped, with `hljs-…` classes; `undefined` where it is to be shown as it is. `key` names the text; the
   * path's end, or a language alone, says what it is.
   */
  async highlight(key: string, path: string, text: string): Promise<string | undefined> {
    const language = languages[path.slice(path.lastIndexOf('.') + 1)]
    if (language === undefined || text.length > charactersMax || this.#waiting.size >= waitingMax) return undefined
    const known = this.#cache.get(key)
    if (known !== undefined) return known
    const markup = await this.#ask(text, language)
    if (markup !== undefined) this.#cache.set(key, markup)
    return markup
  }

  async close(): Promise<void> {
    this.#giveUp()
    await this.#worker?.terminate()
  }

  #ask(text: string, language: string): Promise<string | undefined> {
    const id = this.#next++
    const worker = (this.#worker ??= this.#start())
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#replace(), oneMs)
      this.#waiting.set(id, { finish: resolve, timer })
      worker.postMessage({ id, text, language })
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('highlight-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    worker.unref()
    worker.on('message', ({ id, markup }: { id: number; markup: string }) => this.#finish(id, markup))
    worker.on('error', () => this.#replace())
    return worker
  }

  #finish(id: number, markup: string | undefined): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    waiting.finish(markup)
  }

  #replace(): void {
    const worker = this.#worker
    this.#worker = undefined
    this.#giveUp()
    void worker?.terminate()
  }

  #giveUp(): void {
    for (const id of this.#waiting.keys()) this.#finish(id, undefined)
  }
}
