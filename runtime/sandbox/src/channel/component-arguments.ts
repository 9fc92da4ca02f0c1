import type { ArgumentPath, ArgumentsFrame } from '@ingot/sdk/host'

/** The arguments of one component as its isolate gets them, and what only the lane knows of them. */
export class ComponentArguments {
  readonly #trusted: boolean
  #frame: ArgumentsFrame | undefined
  #secrets: ReadonlyMap<string, string> = new Map()
  /** By the number that the isolate gives an output: it numbers their paths in the order in which it meets them. */
  #outputs: { readonly key: string; readonly path: ArgumentPath }[] = []

  /** `trusted`: the component is one that may know its secrets. */
  constructor(trusted: boolean) {
    this.#trusted = trusted
  }

  /** With names in place of secrets: their text leaves the lane only for a component that may know it. */
  get frame(): ArgumentsFrame | undefined {
    return this.#frame
  }

  adopt(frame: ArgumentsFrame): ArgumentsFrame {
    if (this.#trusted) return (this.#frame = frame)
    const secrets = new Map<string, string>()
    const value = structuredClone(frame.value)
    for (const path of frame.secrets) {
      let parent = value as Record<string | number, unknown>
      for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
      const last = path.at(-1)!
      const name = `secret:${JSON.stringify(path)}`
      secrets.set(name, String(parent[last]))
      parent[last] = name
    }
    this.#secrets = secrets
    this.#frame = { value, outputs: frame.outputs, secrets: frame.secrets }
    return this.#frame
  }

  /** The text of a secret that the component used; `undefined` for one that it was not given. */
  secret(name: string): string | undefined {
    return this.#trusted ? name : this.#secrets.get(name)
  }

  /** What a secret that the component exports stands for: its own text, unless it names one that it was given. */
  exportedSecret(name: string): string {
    return this.secret(name) ?? name
  }

  /** A new isolate has met no output yet. */
  forgetOutputs(): void {
    this.#outputs = []
  }

  /** The isolate is about to be given the arguments. */
  numberOutputs(): void {
    for (const { path } of this.#frame?.outputs ?? []) {
      const key = JSON.stringify(path)
      if (!this.#outputs.some((known) => known.key === key)) this.#outputs.push({ key, path })
    }
  }

  outputPath(index: number): ArgumentPath | undefined {
    return this.#outputs[index]?.path
  }
}
