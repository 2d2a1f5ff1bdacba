using Kernmantle.Wire.Bytes;

namespace Kernmantle.Channels;

/// <summary>What is said of an item that was read and is none.</summary>
internal static class ItemFailures
{
    /// <param name="type">What it should be.</param>
    /// <param name="why">What is wrong with it.</param>
    public static InvalidDataException NoSuchItem(string type, InvalidPayloadException why) => new(
        $"An item of this channel is no {type}: one of those that have the channel wrote something else into its memory. The item is lost; the channel and its other items are as they were. ({why.Message})", why);

    /// <param name="type">What it should be.</param>
    public static InvalidDataException NoSuchMemory(string type) => new(
        $"An item of this channel ({type}) names memory that is not there: its writer gave it back before, or one of those that have the channel wrote something else into its memory. The item is lost; the channel and its other items are as they were.");
}
