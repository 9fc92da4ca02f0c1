import { randomBytes } from 'node:crypto'

/** Secrets that are nowhere but where a test puts them, and are known again in every form that an output may give them. */
export class Canaries {
  readonly #forms = new Map<string, readonly string[]>()

  /** Its characters are written differently in JSON, HTML, URLs and base64; the middle of it is the same in most. */
  make(name: string): string {
    const core = randomBytes(12).toString('hex')
    const text = `${core}/+=&<>`
    this.#forms.set(name, [core, core.toUpperCase(), Buffer.from(core).toString('hex'), ...base64Forms(core)])
    return text
  }

  /** A secret that is made elsewhere: each of its long lines is one. */
  watch(name: string, secret: string): string {
    this.#forms.set(
      name,
      secret.split('\n').filter((line) => line.length >= 20 && !line.startsWith('-----')),
    )
    return secret
  }

  /** The names of the secrets that a text holds. */
  in(text: string): readonly string[] {
    return [...this.#forms].flatMap(([name, forms]) => (forms.some((form) => text.includes(form)) ? [name] : []))
  }
}

/** What every base64 text that holds `core` somewhere holds: its first and last characters depend on what is beside it. */
function base64Forms(core: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.from('x'.repeat(before) + core).toString('base64')
    const inner = encoded.slice(before === 0 ? 0 : 4, -4)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
