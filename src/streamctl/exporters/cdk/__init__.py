"""The pipeline as apps of the AWS CDK.

model.py                    the stack as constructs, in no language, made from the CloudFormation template
typescript.py, python.py    the model in a language
layout.py                   what both lay out alike
project.py, locked/         what an app has around it: settings, exact packages, how to deploy it
"""
