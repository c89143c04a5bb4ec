from aws_cdk import App

from trip_stack import TripStack

app = App()
TripStack(app, "Trips")
app.synth()
