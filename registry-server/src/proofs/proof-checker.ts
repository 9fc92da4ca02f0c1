import type { MetaStore } from '../storage/meta-store.ts'
import type { ProofRecord } from '../storage/meta/proof-store.ts'
import type { ScopeAuthor } from '../storage/meta/scope-store.ts'
import { lookForProof, type ProofOptions } from './look-for-proof.ts'

/** How often it is looked whether something is due. */
const pollMs = 5 * 60_000
/** Looked for at a time, one after the other: each may take its timeouts. */
const dueMax = 20

export interface ProofCheckerOptions {
  readonly meta: MetaStore
  readonly registryUrl: string
  readonly clock: () => Date
  readonly proofs: ProofOptions
}

/** Looks for what proves the claims of scopes: when an owner asks, and from time to time for as long as they stand. */
export class ProofChecker {
  readonly #options: ProofCheckerOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: ProofCheckerOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      // A storage that is away is asked the next time.
      this.#running = this.#running.then(() => this.checkDue()).catch(() => undefined)
    }, pollMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  /** The claim as it is afterwards; nothing where it was taken back meanwhile. */
  async check(proof: ProofRecord, author: ScopeAuthor): Promise<ProofRecord | undefined> {
    const problem = await lookForProof(proof, this.#options.proofs)
    return this.#options.meta.proofs.note(proof.id, problem, author)
  }

  /** Resolves to how many were due. Of several servers one looks. */
  async checkDue(): Promise<number> {
    const { meta, registryUrl, clock } = this.#options
    const due = await meta.proofs.takeDue(clock(), dueMax)
    for (const proof of due) {
      const at = clock().toISOString()
      await this.check(proof, { actor: 'registry', token: null, ip: '', registry: registryUrl, at })
    }
    return due.length
  }
}
