using Kernmantle.Chaos.Workers;

namespace Kernmantle.Chaos.Plans;

/// <summary>One generator for each caller and each saboteur of each round, all from one seed: whoever draws more or less does not change what others draw.</summary>
internal static class Seeds
{
    public static Random Of(long seed, int round, string role, int index = 0)
    {
        ulong x = Mixing.Mix((ulong)seed);
        x = Mixing.Mix(x ^ (ulong)round);
        foreach (char c in role)
            x = Mixing.Mix(x ^ c);
        return new Random((int)(Mixing.Mix(x ^ (ulong)index) >> 33));   // a seeded Random draws the same on every version of .NET
    }

    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> among) => among[random.Next(among.Length)];

    public static TimeSpan Milliseconds(this Random random, int least, int most) => TimeSpan.FromMilliseconds(random.Next(least, most + 1));
}
