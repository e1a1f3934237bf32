import type { Messages } from './messages/messages.ts';

declare module 'use-intl' {
  interface AppConfig {
    Messages: Messages;
  }
}
