using System.Runtime.InteropServices;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// What stands before the captures in a <see cref="FrameKind.QuickSlice"/>. The items lie in a segment: the inputs one after the other as their bits, then room for as many results, then a bit
/// for each item, which the worker sets when it has failed. The host reads a result when its item is answered, and only then.
/// </summary>
/// <param name="Function">Its id.</param>
/// <param name="Count">Of items.</param>
/// <param name="Segment">Its id.</param>
/// <param name="Results">Where they begin, in bytes from the inputs.</param>
/// <param name="Failures">Where the bits begin.</param>
/// <param name="BindOnce">1: all calls may use the same copy of what the function captures, since it can change none of it.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SliceHead(int Function, int Count, int Segment, int Results, int Failures, int BindOnce)
{
    public const int Size = 6 * sizeof(int);

    /// <summary>Parts do not share cache lines.</summary>
    private const int Alignment = 64;

    /// <summary>Bytes of the whole, for items and results of those sizes.</summary>
    public static int LengthOf(int count, int inputBytes, int resultBytes, out int results, out int failures)
    {
        results = Align(count * inputBytes);
        failures = results + Align(count * resultBytes);
        return failures + Align((count + 7) / 8);
    }

    private static int Align(int bytes) => (bytes + Alignment - 1) & -Alignment;
}
