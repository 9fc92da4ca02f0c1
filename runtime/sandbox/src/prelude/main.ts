/**
 * What runs in an isolate before the module: it is bundled, evaluated in the empty context, and called once with the
 * runner's functions. It is trusted until the module runs, and shares the module's fate from then on.
 */
import type { Bridge, Enter } from './bridge.ts'
import { installClockAndChance } from './clock-and-chance.ts'
import { Driver } from './driver.ts'
import { harden } from './harden.ts'
import { installText } from './text.ts'
import { installUrl } from './url.ts'
import { installWebGlobals } from './web-globals.ts'

export function boot(bridge: Bridge): { readonly enter: Enter; readonly leave: () => void } {
  harden()
  installClockAndChance()
  const text = installText(bridge)
  installWebGlobals()
  installUrl(bridge)
  const driver = new Driver(bridge, text)
  return { enter: driver.enter, leave: driver.leave }
}
