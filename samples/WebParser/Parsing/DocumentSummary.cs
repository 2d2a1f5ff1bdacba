namespace WebParser.Parsing;

/// <summary>What is in a file.</summary>
/// <param name="Values">How many values, lists and objects.</param>
/// <param name="Depth">How deep they nest.</param>
/// <param name="Addresses">How many texts are e-mail addresses.</param>
/// <param name="Sum">Of all numbers.</param>
internal sealed record DocumentSummary(int Values, int Depth, int Addresses, double Sum);
