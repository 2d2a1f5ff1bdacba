namespace Kernmantle.Contracts.Repeating;

/// <summary>How often a test does what goes wrong rarely: the test command as often as the claim needs, eng/fuzz (in CI, and at night) as often as a rare race needs. <c>KERNMANTLE_REPETITIONS</c> stands for both: eng/nightly makes portions of it.</summary>
public static class Repetitions
{
    public static int Of(int quick, int atLength) => Fuzzing.Variable("KERNMANTLE_REPETITIONS") ?? (Fuzzing.IsAtLength ? atLength : quick);

    /// <summary>For eng/nightly, which adds up what such lines say.</summary>
    public static void Tell(int kills, long items) => TestContext.Current.TestOutputHelper!.WriteLine($"{kills} kills, {items} items");
}
