"""From landmarks, masks and spacing to measurements that more than one system makes."""
