import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

/** Replaces every large text asset by its gzip form: smaller in the binary, and no work at request time. */
function gzipAssets() {
  let outDir;
  return {
    name: 'gzip-assets',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      const assets = join(outDir, 'assets');
      for (const name of readdirSync(assets)) {
        if (!/\.(js|css)$/.test(name)) continue;
        const path = join(assets, name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        unlinkSync(path);
      }
    },
  };
}

export default defineConfig({
  base: '/graphiql/',
  publicDir: false,
  esbuild: { jsx: 'automatic' },
  plugins: [gzipAssets()],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    reportCompressedSize: false,
    // Monaco is one large chunk by nature.
    chunkSizeWarningLimit: 8000,
    rollupOptions: {
      // "use client" and the like mean nothing here and fill the log.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
});
