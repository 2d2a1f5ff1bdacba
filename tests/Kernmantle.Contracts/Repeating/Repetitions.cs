namespace Kernmantle.Contracts.Repeating;

/// <summary>How often a test does what goes wrong rarely: the test command as often as the claim needs, eng/fuzz (in CI, and at night) as often as a rare race needs.</summary>
public static class Repetitions
{
    public static int Of(int quick, int atLength) => Fuzzing.IsAtLength ? atLength : quick;
}
