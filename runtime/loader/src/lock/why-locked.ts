import { moduleKey, parseModuleKey, type Lockfile } from '@ingot/manifest'

/** Ways to one module that are told: a module that everything needs has more than anybody reads. */
const chainsMax = 50

/** A pinned version, and every way from an import to it. */
export interface WhyLocked {
  readonly version: string
  /** Each from the import to what wants the module: `main.alloy#redact`, `@acme/redact@1.4.2`. */
  readonly chains: readonly (readonly string[])[]
  /** Whether there are more chains than are told. */
  readonly more: boolean
}

/** Why a lock pins a module: its versions, the newest last. Asks nobody. */
export function whyLocked(lock: Lockfile, module: string): WhyLocked[] {
  const versions = Object.keys(lock.modules).filter((key) => parseModuleKey(key)?.name === module)
  return versions.sort().map((key) => {
    const chains = chainsTo(key, wantersOf(lock))
    return {
      version: parseModuleKey(key)!.version,
      chains: chains.slice(0, chainsMax),
      more: chains.length > chainsMax,
    }
  })
}

/** Key of a module → the imports and modules that lead to it. */
function wantersOf(lock: Lockfile): ReadonlyMap<string, readonly string[]> {
  const wanters = new Map<string, string[]>()
  const add = (key: string, by: string): void => void wanters.set(key, [...(wanters.get(key) ?? []), by])
  for (const [place, key] of Object.entries(lock.imports)) add(key, place)
  for (const [by, { deps = {} }] of Object.entries(lock.modules)) {
    for (const [name, version] of Object.entries(deps)) add(moduleKey(name, version), by)
  }
  return wanters
}

/** From the module up, the shortest ways first. */
function chainsTo(key: string, wanters: ReadonlyMap<string, readonly string[]>): string[][] {
  const chains: string[][] = []
  const open: string[][] = (wanters.get(key) ?? []).map((by) => [by])
  for (let chain = open.shift(); chain && chains.length <= chainsMax; chain = open.shift()) {
    const above = (wanters.get(chain[0]!) ?? []).filter((by) => !chain!.includes(by))
    if (above.length === 0) chains.push(chain)
    else if (open.length <= chainsMax) open.push(...above.map((by) => [by, ...chain!]))
  }
  return chains
}
