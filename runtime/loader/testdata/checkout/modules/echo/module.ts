export default { name: '@ingot/echo', version: '0.1.0', description: 'Echoes.', license: 'Apache-2.0', components: ['back'] }
