namespace Kernmantle.Tool.Lab.Model;

/// <summary>What one experiment says about one claim.</summary>
/// <param name="Claim"><c>N1</c> to <c>N23</c>.</param>
/// <param name="Statement">The part of the claim that was tested, as a sentence that can be true or false.</param>
/// <param name="Why">The figures that the verdict rests on.</param>
internal sealed record Finding(string Claim, string Statement, Verdict Verdict, string Why);
