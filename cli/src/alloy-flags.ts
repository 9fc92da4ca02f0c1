import { CommandError } from './command-error.ts'

/** What becomes of a flag of Alloy that Ingot does not have. */
interface AlloyFlag {
  /** A boolean flag takes its value after `=` only; the others also from the next word. */
  readonly boolean: boolean
  /** `undefined`: what the value asks for is so anyway. Otherwise why nothing follows from it, or why the start is refused. */
  verdict(value: string): { readonly refuse: boolean; readonly reason: string } | undefined
}

const granted: AlloyFlag = { boolean: true, verdict: () => undefined }
const without = (reason: string, boolean = false): AlloyFlag => ({
  boolean,
  verdict: () => ({ refuse: false, reason }),
})
const off = (reason: string): AlloyFlag => ({
  boolean: true,
  verdict: (value) => (value === 'false' ? undefined : { refuse: false, reason }),
})

const noCluster = without('this collector is no member of a cluster')
const noConversion = without('there is nothing to convert', true)

/** An existing command line goes on working: only flags without which the collector would do something else are refused. */
const alloyFlags: Readonly<Record<string, AlloyFlag>> = {
  '--disable-reporting': granted,
  '--server.http.disable-support-bundle': granted,
  '--server.http.enable-pprof': off('there is no profile of a Go program to serve'),
  '--server.http.enable-graphql': off('there is no GraphQL endpoint'),
  '--server.http.enable-graphql-playground': off('there is no GraphQL endpoint'),
  '--cluster.enabled': {
    boolean: true,
    verdict: (value) =>
      value === 'false'
        ? undefined
        : { refuse: true, reason: 'clustering is not available, and without it every collector would do all the work' },
  },
  '--cluster.node-name': noCluster,
  '--cluster.advertise-address': noCluster,
  '--cluster.join-addresses': noCluster,
  '--cluster.discover-peers': noCluster,
  '--cluster.advertise-interfaces': noCluster,
  '--cluster.rejoin-interval': noCluster,
  '--cluster.max-join-peers': noCluster,
  '--cluster.name': noCluster,
  '--cluster.enable-tls': without('this collector is no member of a cluster', true),
  '--cluster.tls-ca-path': noCluster,
  '--cluster.tls-cert-path': noCluster,
  '--cluster.tls-key-path': noCluster,
  '--cluster.tls-server-name': noCluster,
  '--cluster.wait-for-size': noCluster,
  '--cluster.wait-timeout': noCluster,
  '--cluster.use-discovery-v1': granted,
  '--config.format': {
    boolean: false,
    verdict: (value) =>
      value === 'alloy'
        ? undefined
        : { refuse: true, reason: `"${value}" is not read, want a configuration for Alloy` },
  },
  '--config.bypass-conversion-errors': noConversion,
  '--config.extra-args': without('there is nothing to convert'),
  '--windows.priority': without('the process keeps the priority that it was started with'),
  '--feature.prometheus.direct-fanout.enabled': off('samples go straight to their receivers anyway'),
  '--feature.prometheus.metric-validation-scheme': granted,
}

/** Flags of Alloy that Ingot has too, and that may have their value after `=`. */
const switches: ReadonlySet<string> = new Set(['--feature.community-components.enabled'])

/** The names of the flags that are taken, for the documentation and for tests. */
export const alloyFlagNames: readonly string[] = Object.keys(alloyFlags)

/**
 * Takes the flags of Alloy that Ingot does not have from a command line.
 * @returns the other words, and what to tell the user
 * @throws CommandError when a flag asks for what cannot be left out
 */
export function takeAlloyFlags(words: readonly string[]): { readonly words: string[]; readonly notes: string[] } {
  const rest: string[] = []
  const notes: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') return { words: [...rest, ...words.slice(i)], notes }
    const [name, given] = splitFlag(word)
    if (switches.has(name)) {
      if (given !== 'false') rest.push(name)
      continue
    }
    const flag = alloyFlags[name]
    if (!flag) {
      rest.push(word)
      continue
    }
    const value = given ?? (flag.boolean ? 'true' : (words[++i] ?? ''))
    const verdict = flag.verdict(value)
    if (verdict?.refuse) throw new CommandError(`Cannot run with ${name}=${value}: ${verdict.reason}`)
    if (verdict) notes.push(`${name} has no effect: ${verdict.reason}`)
  }
  return { words: rest, notes }
}

function splitFlag(word: string): readonly [string, string | undefined] {
  const at = word.indexOf('=')
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}
