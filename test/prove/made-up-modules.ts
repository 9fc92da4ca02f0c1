import type { ModuleManifest } from '@ingot/manifest'
import { testModule, type FilledModule } from '@ingot/registry-server/testing'
import { SeededRandom } from './seeded-random.ts'

const scopes = 500
const syllables =
  'ba be bi co cu da de do fa fi ga go ka ki la lo ma me mi na no pa pe ra ri sa se ta to va vo za'.split(' ')
const subjects =
  'kafka nginx redis postgres mysql docker kubernetes audit access syslog cloud queue cache proxy mail'.split(' ')
const verbs = 'masks routes parses samples counts enriches renames batches filters reads sends collects joins'.split(
  ' ',
)
const licenses = ['Apache-2.0', 'MIT', 'BSD-3-Clause', 'AGPL-3.0-only', 'MPL-2.0']
const powers = ['http.request', 'net.connect', 'fs.read', 'env.read', 'http.serve', 'secret.use']
const ports = ['loki.logs', 'prometheus.metrics', 'otel.traces']
const vocabularyWords = 12_000
const readmeWords = 250

/** Modules that nobody has written, the same for one seed: words are as unequally common as in a language. */
export class ModuleMaker {
  readonly #random: SeededRandom
  readonly vocabulary: readonly string[]

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
    this.vocabulary = Array.from({ length: vocabularyWords }, () =>
      Array.from({ length: 2 + this.below(3) }, () => this.pick(syllables)).join(''),
    )
  }

  module(index: number): FilledModule {
    const subject = this.pick(subjects)
    const short = `${subject}-${this.word()}-${index}`
    const receivers = { ingot: { kind: 'receivers', types: [this.pick(ports)] } }
    const receiver = { ingot: { kind: 'receiver', types: [this.pick(ports)] } }
    const { manifest } = testModule({
      name: `@${this.#scope()}/${short.slice(0, 40).replace(/-$/, 'x')}`,
      version: `1.${index % 50}.0`,
      description: `${this.pick(verbs)} ${subject} ${this.words(10)}`,
      component: {
        name: `${subject}_${this.word()}`,
        summary: this.words(6),
        tags: [this.pick(verbs)],
        arguments: { type: 'object', properties: index % 3 === 0 ? {} : { forward_to: receivers } },
        exports: { type: 'object', properties: index % 3 === 1 ? {} : { receiver } },
        capabilities: index % 4 === 0 ? {} : { [this.pick(powers)]: [{ why: 'To work.' }] },
      },
    })
    const more: Partial<ModuleManifest> = {
      license: this.pick(licenses),
      keywords: [subject, this.word(), this.word()],
    }
    return { manifest: { ...manifest, ...more }, readme: `# ${short}\n\n${this.words(readmeWords)}` }
  }

  /** Common ones often, others seldom. */
  word(): string {
    return this.vocabulary[Math.floor(Math.exp(this.#random.next() * Math.log(vocabularyWords)))]!
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.word()).join(' ')
  }

  pick<T>(values: readonly T[]): T {
    return this.#random.pick(values)
  }

  below(limit: number): number {
    return this.#random.below(limit)
  }

  #scope(): string {
    return `scope-${this.below(scopes)}`
  }
}
