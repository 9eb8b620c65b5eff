// Source 000, « Utiliser WebSocket dans le frontend », to the letter below this line.
import { useWebSocket } from '../hooks/useWebSocket';

const ws = useWebSocket({
  url: '/ws/notifications/',
  onMessage: (message) => {
    if (message.type === 'notification') {
      // Traiter la notification
      console.log('Nouvelle notification:', message.notification);
    }
  },
  reconnect: true,
});

// Envoyer un message
ws.send({ type: 'mark_read', notification_id: '123' });
