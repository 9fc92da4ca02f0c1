import { promisify } from 'node:util'
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib'
import { LRUCache } from 'lru-cache'

/** Compressed texts kept in memory, all together. */
const encodedBytesMax = 64 * 2 ** 20
/** Below this a header more costs as much as it saves. */
export const encodedTextMin = 1_000
/** Of a header: what a browser sends has a handful. */
const headerCharactersMax = 500

const encoders = {
  zstd: promisify(zstdCompress),
  // The highest levels take seconds for a long index.
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip),
} as const

export type Encoding = keyof typeof encoders

/** The first is taken where a client likes several as much. */
const encodings = Object.keys(encoders) as Encoding[]

/** Texts as clients can take them, compressed once for all who ask. */
export class EncodedTexts {
  readonly #cache = new LRUCache<string, Uint8Array, string>({
    maxSize: encodedBytesMax,
    sizeCalculation: (bytes) => bytes.length + 500,
    // Those who ask while it is being compressed wait for the same bytes.
    fetchMethod: (key, _stale, { context }) =>
      encoders[key.slice(0, key.indexOf(' ')) as Encoding](Buffer.from(context)),
  })

  /** `identity` tells texts apart: equal ones have equal texts. */
  async encode(encoding: Encoding, identity: string, text: string): Promise<Uint8Array> {
    return (await this.#cache.fetch(`${encoding} ${identity}`, { context: text }))!
  }
}

/** The encoding that a client likes best (RFC 9110 §12.5.3), if it is one that the server has. */
export function chosenEncoding(header: string | undefined): Encoding | undefined {
  const weights = new Map(
    (header ?? '')
      .slice(0, headerCharactersMax)
      .split(',')
      .map((part) => {
        const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
        const q = parameters.find((parameter) => parameter.startsWith('q='))
        return [name, q === undefined ? 1 : Number(q.slice(2))] as const
      }),
  )
  const weightOf = (encoding: Encoding): number => weights.get(encoding) ?? weights.get('*') ?? 0
  const best = encodings.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a))
  return weightOf(best) > 0 && weightOf(best) >= (weights.get('identity') ?? 0) ? best : undefined
}
