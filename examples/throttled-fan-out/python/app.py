from aws_cdk import App

from notifications_stack import NotificationsStack

app = App()
NotificationsStack(app, "Notifications")
app.synth()
