/**
 * The default export of a bundle. The author's code runs here, at packing time, in the process that packs: that is why
 * packing is the author's or the checkout's act and never part of loading a module.
 */
export async function evaluateBundle(code: string): Promise<unknown> {
  const address = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  const module = (await import(address)) as { default?: unknown }
  return module.default
}
