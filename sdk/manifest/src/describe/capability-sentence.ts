import type { CapabilityRequest } from '../module-manifest.ts'

/** Capability → what it lets a module do, and how its object is named in a sentence. */
const sentences: Readonly<Record<string, readonly [verb: string, object: string]>> = {
  'http.request': ['Sends HTTP requests', 'to'],
  'net.connect': ['Opens connections', 'to'],
  'http.serve': ['Answers HTTP requests', 'on'],
  'net.listen': ['Accepts connections', 'on'],
  'fs.read': ['Reads files', 'at'],
  'fs.watch': ['Notices changes of files', 'at'],
  'fs.write': ['Writes files', 'at'],
  'env.read': ['Reads environment variables', 'named'],
  'secret.use': ['Uses secrets without seeing them', 'named'],
  'host.stats': ['Reads figures about the machine', 'such as'],
  exec: ['Starts programs', 'such as'],
  docker: ['Talks to Docker', 'at'],
  kubernetes: ['Talks to the Kubernetes API', 'at'],
  state: ['Keeps notes of its own on disk', 'named'],
  clock: ['Knows the time and can wait', 'for'],
  timer: ['Wakes up by itself', 'for'],
  random: ['Takes random numbers', 'for'],
  peers: ['Knows the other members of the cluster', 'for'],
  'self.metrics': ["Reads the collector's own metrics", 'named'],
}

/** What a request of a capability means, for people: `Sends HTTP requests to what the argument "endpoint.url" names`. */
export function capabilitySentence(capability: string, request: Omit<CapabilityRequest, 'why'>): string {
  const [verb, preposition] = sentences[capability] ?? [`Uses "${capability}"`, 'for']
  const objects = [
    ...(request.from === undefined ? [] : [`what the argument "${request.from}" names`]),
    ...(request.values ?? []),
  ]
  return objects.length === 0 ? verb : `${verb} ${preposition} ${objects.join(', ')}`
}

/** Powers that reach nothing outside of the module: time, chance, its own notes. */
const harmless = new Set(['state', 'clock', 'timer', 'random', 'peers', 'self.metrics'])

/** Whether a capability lets a module touch something that is not its own. What is not known is taken to. */
export function reachesOutside(capability: string): boolean {
  return !harmless.has(capability)
}
