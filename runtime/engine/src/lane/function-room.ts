import { CallLostError, FunctionChannel, type RunnerControl } from '@ingot/sandbox'
import type { FunctionDefinition } from '@ingot/sdk'
import { callFunction, type FunctionAnswer } from '@ingot/sdk/host'
import { readFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { loadBundle } from './load-bundle.ts'
import type { FunctionCall, FunctionReply, FunctionsCode } from './protocol.ts'

/** Runners that wait for calls. Others are ended, and started again when they are called. */
const channelsMax = 32

/** Answers calls of functions: of modules that the runtime vouches for in this thread, of others in runners that it feeds. */
export class FunctionRoom {
  readonly #control: RunnerControl
  /** By instance and code. */
  readonly #channels = new LRUCache<string, FunctionChannel>({
    max: channelsMax,
    dispose: (channel) => void channel.close(),
  })

  constructor(control: RunnerControl) {
    this.#control = control
  }

  async call({ code, name, args }: FunctionCall): Promise<FunctionReply> {
    if (code.room === 'lane') return this.#callHere(code, name, args)
    try {
      return await (await this.#channel(code)).call(name, args)
    } catch (error) {
      if (!(error instanceof CallLostError)) throw error
      return { error: error.message, lost: true }
    }
  }

  /** Ends the runners of instances that are not among these. */
  keep(instances: readonly string[]): void {
    const kept = new Set(instances)
    const unused: string[] = []
    for (const key of this.#channels.keys()) if (!kept.has(instanceOf(key))) unused.push(key)
    for (const key of unused) this.#channels.delete(key)
  }

  async #callHere(code: FunctionsCode, name: string, args: readonly unknown[]): Promise<FunctionAnswer> {
    const { default: definitions } = await loadBundle<readonly FunctionDefinition[]>(code)
    const definition = definitions.find((each) => each.name === name)
    if (!definition) throw new Error(`Cannot call ${name}: its module has no such function`)
    return callFunction(definition, args)
  }

  async #channel(code: FunctionsCode): Promise<FunctionChannel> {
    const key = JSON.stringify([code.id, code.sha256, code.limits])
    const known = this.#channels.get(key)
    if (known) return known
    const { id: instance, sha256, limits } = code
    const channel = new FunctionChannel({
      instance,
      code: await readFile(code.bundlePath),
      sha256,
      limits,
      control: this.#control,
    })
    this.#channels.set(key, channel)
    return channel
  }
}

function instanceOf(key: string): string {
  return (JSON.parse(key) as [string])[0]
}
