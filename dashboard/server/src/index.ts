export { FeedBus } from './feed/bus.js';
export * from './feed/feed.js';
export { KafkaFeed, type KafkaFeedOptions } from './feed/kafka.js';
export * from './ports.js';
export { type Dashboard, type DashboardOptions, startDashboard } from './server.js';
export { isLoopback, type ServerSettings, SettingsError } from './settings.js';
export { StoreError } from './store/database.js';
