import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Where `vite` (development) passes API calls and the WebSocket on to. */
const SERVER = process.env.WEIR_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    // Of the contract the page needs types, which leave nothing behind, and words. The schemas stay out.
    alias: {
      '@weir/contracts/dashboard-api': fileURLToPath(
        new URL('../../contracts/src/dashboard-api/words.ts', import.meta.url),
      ),
    },
  },
  build: {
    target: 'es2022',
    // A strict content security policy allows files of our own and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // What pages share comes in one piece: twenty small files cost more than their bytes.
        codeSplitting: { groups: [{ name: 'shared', test: /\/src\/(parts|charts|formats)\//, minShareCount: 2 }] },
      },
    },
  },
  server: { proxy: { '/api': { target: SERVER, ws: true } } },
});
