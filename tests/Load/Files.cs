using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Kernmantle.Load;

/// <summary>A file to be parsed, and what must come of it.</summary>
/// <param name="Content">The file.</param>
/// <param name="Answer">The summary of an honest one.</param>
/// <param name="Failure">What the parser of a hostile one ends with.</param>
internal sealed record UploadedFile(byte[] Content, string? Answer, string? Failure)
{
    /// <summary>Keeps its parser busy until its time is up.</summary>
    public static UploadedFile Endless { get; } = new(Encoding.UTF8.GetBytes($"[\"{new string('a', 60)}!\"]"), null, "CallTimeoutException");

    private static readonly UploadedFile[] HostileOnes =
    [
        new(Encoding.UTF8.GetBytes(new string('[', 200_000)), null, "WorkerCrashedException"),
        new(Packed(400 << 20), null, "MemoryLimitException"),
        Endless,
    ];

    /// <summary>Every tenth is hostile, of each kind in turn; the others differ from each other.</summary>
    public static UploadedFile Of(int number, bool hostile) =>
        hostile && number % 10 == 9 ? HostileOnes[number / 10 % HostileOnes.Length] : Honest(number);

    public static UploadedFile Honest(int number)
    {
        var random = new Random(number);
        int[] numbers = [.. Enumerable.Range(0, 1000 + random.Next(1000)).Select(_ => random.Next(1000))];
        string text = $$"""{"from": "user{{number}}@example.org", "numbers": [{{string.Join(", ", numbers)}}]}""";
        return new(Encoding.UTF8.GetBytes(text), string.Create(CultureInfo.InvariantCulture, $$"""{"values":{{numbers.Length + 3}},"depth":3,"addresses":1,"sum":{{numbers.Sum()}}}"""), null);
    }

    private static byte[] Packed(int bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < bytes >> 20; i++)
                gzip.Write(block);
        }
        return packed.ToArray();
    }
}
