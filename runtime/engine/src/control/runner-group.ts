/**
 * The group of a component with `isolation = "group"`: those of one publisher's scope in one scope of the configuration,
 * that is at its root or in one instance of a custom component. What is connected by edges would be no group: most
 * configurations join every pipeline in one sink, and a reload would change whom a running component is connected with.
 */
export function runnerGroup(id: string, module: string): string {
  const [publisher] = module.split('/')
  return `${publisher} ${id.slice(0, id.lastIndexOf('/') + 1)}`
}
