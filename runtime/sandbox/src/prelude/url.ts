import { urlParts } from '../protocol/url-parts.ts'
import type { Bridge } from './bridge.ts'

/** Parameters of one query; the text they come from is bounded by its host. */
const pairsMax = 10_000

/** `URL` and `URLSearchParams` of the isolate. Addresses are parsed by the runner: the engine alone has no parser. */
export function installUrl(bridge: Bridge): void {
  class IsolateUrl {
    #parts: readonly string[]
    #searchParams: SearchParams | undefined

    constructor(text: unknown, base?: unknown) {
      const parts = parse(text, base)
      if (!parts) throw new TypeError('Invalid URL')
      this.#parts = parts
    }

    static canParse(text: unknown, base?: unknown): boolean {
      return parse(text, base) !== undefined
    }
    static parse(text: unknown, base?: unknown): IsolateUrl | null {
      return parse(text, base) ? new IsolateUrl(text, base) : null
    }

    get searchParams(): SearchParams {
      this.#searchParams ??= new SearchParams(this.search, (search) => {
        const params = this.#searchParams
        Object.assign(this, { search })
        this.#searchParams = params
      })
      return this.#searchParams
    }
    toString(): string {
      return this.href
    }
    toJSON(): string {
      return this.href
    }
    get href(): string {
      return this.#parts[0]!
    }
    get search(): string {
      return this.part(9)
    }

    part(index: number): string {
      return this.#parts[index]!
    }
    set(name: string, value: unknown): void {
      const parts = read(bridge.parseUrl(this.href, undefined, name, String(value)))
      if (parts) this.#parts = parts
      if (name === 'search') this.#searchParams = undefined
    }
    replace(value: unknown): void {
      const parts = parse(value, undefined)
      if (!parts) throw new TypeError('Invalid URL')
      this.#parts = parts
      this.#searchParams = undefined
    }
  }

  defineParts(IsolateUrl.prototype)
  define('URL', IsolateUrl)
  define('URLSearchParams', SearchParams)

  function parse(text: unknown, base: unknown): readonly string[] | undefined {
    return read(bridge.parseUrl(String(text), base === undefined ? undefined : String(base)))
  }
}

interface Parts {
  part(index: number): string
  set(name: string, value: unknown): void
  replace(value: unknown): void
}

function defineParts(prototype: Parts): void {
  const { part, set, replace } = prototype
  for (const [index, name] of urlParts.entries()) {
    Object.defineProperty(prototype, name, {
      get(this: Parts) {
        return part.call(this, index)
      },
      set(this: Parts, value: unknown) {
        if (name === 'href') replace.call(this, value)
        else if (name !== 'origin') set.call(this, name, value)
      },
      enumerable: true,
      configurable: true,
    })
  }
  for (const name of ['part', 'set', 'replace'] as const) Reflect.deleteProperty(prototype, name)
}

type Init = string | Iterable<readonly [string, string]> | Readonly<Record<string, string>>

/** Names and values of a query, as `application/x-www-form-urlencoded` has them. */
class SearchParams implements Iterable<[string, string]> {
  #pairs: [string, string][]
  readonly #changed: (search: string) => void

  constructor(init: Init = '', changed: (search: string) => void = () => {}) {
    this.#pairs = pairsOf(init)
    this.#changed = changed
  }

  get size(): number {
    return this.#pairs.length
  }
  get(name: string): string | null {
    return this.#pairs.find(([key]) => key === name)?.[1] ?? null
  }
  getAll(name: string): string[] {
    return this.#pairs.filter(([key]) => key === name).map(([, value]) => value)
  }
  has(name: string): boolean {
    return this.#pairs.some(([key]) => key === name)
  }
  append(name: string, value: string): void {
    this.#become([...this.#pairs, [String(name), String(value)]])
  }
  delete(name: string): void {
    this.#become(this.#pairs.filter(([key]) => key !== name))
  }
  set(name: string, value: string): void {
    const at = this.#pairs.findIndex(([key]) => key === name)
    if (at < 0) return this.append(name, value)
    const pair: [string, string] = [String(name), String(value)]
    this.#become(this.#pairs.flatMap((each, i) => (i === at ? [pair] : each[0] === name ? [] : [each])))
  }
  sort(): void {
    this.#become(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  }
  forEach(callback: (value: string, name: string, params: SearchParams) => void): void {
    for (const [name, value] of this.#pairs) callback(value, name, this)
  }
  *keys(): IterableIterator<string> {
    for (const [name] of this.#pairs) yield name
  }
  *values(): IterableIterator<string> {
    for (const [, value] of this.#pairs) yield value
  }
  *entries(): IterableIterator<[string, string]> {
    for (const [name, value] of this.#pairs) yield [name, value]
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries()
  }
  toString(): string {
    return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  }

  #become(pairs: [string, string][]): void {
    if (pairs.length > pairsMax) throw new RangeError(`Cannot hold more than ${pairsMax} parameters`)
    this.#pairs = pairs
    this.#changed(this.toString())
  }
}

function pairsOf(init: Init): [string, string][] {
  if (typeof init !== 'string') {
    const given = Symbol.iterator in init ? [...(init as Iterable<readonly [string, string]>)] : Object.entries(init)
    return given.slice(0, pairsMax).map(([name, value]) => [String(name), String(value)])
  }
  const parts = init.replace(/^\?/, '').split('&', pairsMax).filter(Boolean)
  return parts.map((part) => {
    const at = part.indexOf('=')
    return at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]
  })
}

/** What is no valid escape stays as it is. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function read(parts: string): readonly string[] | undefined {
  return parts === '' ? undefined : (JSON.parse(parts) as readonly string[])
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}
