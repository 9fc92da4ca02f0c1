/** Whether text for people is coloured: on a terminal, and not where `NO_COLOR` is set (no-color.org). */
export function useColor({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
}
