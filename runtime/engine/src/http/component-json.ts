import type { ComponentDetail, ComponentInfo } from './view.ts'

/** A component in the shape that Alloy's `/api/v0/web/components` gives it. */
export function componentJson(info: ComponentInfo): Record<string, unknown> {
  return {
    name: info.name,
    type: 'block',
    localID: info.localID,
    moduleID: info.moduleID,
    ...(info.label !== undefined && { label: info.label }),
    referencesTo: info.referencesTo,
    referencedBy: info.referencedBy,
    dataFlowEdgesTo: info.dataFlowEdgesTo,
    health: {
      state: info.health.state,
      // Alloy's tools know no warnings: they read them here.
      message: [info.health.message, ...info.warnings.map((warning) => `warning: ${warning}`)].join('; '),
      updatedTime: info.health.updatedTime.toISOString(),
    },
    original: '',
    ...(info.createdModuleIDs.length > 0 && { createdModuleIDs: info.createdModuleIDs }),
    liveDebuggingEnabled: false,
  }
}

export function componentDetailJson(detail: ComponentDetail): Record<string, unknown> {
  return {
    ...componentJson(detail),
    ...(detail.arguments.length > 0 && { arguments: detail.arguments }),
    ...(detail.exports.length > 0 && { exports: detail.exports }),
    ...(detail.debugInfo.length > 0 && { debugInfo: detail.debugInfo }),
  }
}
