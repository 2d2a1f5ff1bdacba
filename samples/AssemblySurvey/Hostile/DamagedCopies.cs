using AssemblySurvey.Reading;

namespace AssemblySurvey.Hostile;

/// <summary>Copies of the files under survey, damaged the same way on every run.</summary>
internal static class DamagedCopies
{
    private const int Seed = 20;
    private const long LargestSource = 64 << 20;
    private static readonly int[] KeptPerMille = [1, 250, 500, 900];
    private static readonly int[] FlippedBits = [1, 16, 256, 4096, 16384, 65536];

    public static IEnumerable<HostileItem> Write(string folder, IReadOnlyList<SurveyItem> sources)
    {
        SurveyItem[] whole = [.. sources.Where(static item => new FileInfo(item.Path) is { Exists: true, Length: > 0 and < LargestSource })];
        if (whole.Length == 0)
            yield break;
        int next = 0;
        foreach (int perMille in KeptPerMille)
            yield return Truncated(folder, Next(), perMille);
        Random random = new(Seed);
        foreach (int bits in FlippedBits)
            yield return Flipped(folder, Next(), bits, random);

        // Spread over the whole list: large and small files, all frameworks.
        SurveyItem Next() => whole[(int)((long)whole.Length * next++ / (KeptPerMille.Length + FlippedBits.Length))];
    }

    private static HostileItem Truncated(string folder, SurveyItem source, int perMille)
    {
        byte[] bytes = File.ReadAllBytes(source.Path);
        int kept = (int)((long)bytes.Length * perMille / 1000);
        string name = $"truncated-{perMille}.dll";
        File.WriteAllBytes(Path.Combine(folder, name), bytes.AsSpan(0, kept));
        return HostileItem.At(folder, name, $"the first {kept:N0} bytes of {Path.GetFileName(source.Path)}");
    }

    private static HostileItem Flipped(string folder, SurveyItem source, int bits, Random random)
    {
        byte[] bytes = File.ReadAllBytes(source.Path);
        for (int i = 0; i < bits; i++)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        string name = $"flipped-{bits}.dll";
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return HostileItem.At(folder, name, $"{Path.GetFileName(source.Path)} with {bits:N0} flipped bit{(bits == 1 ? "" : "s")}");
    }
}
