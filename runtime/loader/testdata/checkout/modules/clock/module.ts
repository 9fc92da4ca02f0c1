export default { name: '@ingot/clock', version: '0.1.0', description: 'Ticks.', license: 'Apache-2.0', components: ['tick'] }
