namespace IronPythonSample;

/// <summary>It crosses to the worker by value, and Python has it as the object that it is. Public: IronPython sees the public members of public types.</summary>
public sealed record Order(string Customer, double[] Prices);
