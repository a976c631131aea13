using System.IO.Pipelines;
using System.Net.Sockets;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

internal static class Sockets
{
    /// <summary>Reads until so many bytes are there, or the end.</summary>
    public static async Task<byte[]> ReadAsync(this PipeReader reader, int count)
    {
        var result = await reader.ReadAtLeastAsync(count, Port.Deadline);
        var read = result.Buffer.Slice(0, Math.Min(count, result.Buffer.Length));
        var bytes = System.Buffers.BuffersExtensions.ToArray(read);
        reader.AdvanceTo(read.End);
        return bytes;
    }

    /// <summary>Reads to the end.</summary>
    public static async Task<byte[]> ReadToEndAsync(this Socket socket)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, Port.Deadline) is > 0 and var count)
            bytes.Write(buffer, 0, count);
        return bytes.ToArray();
    }

    /// <summary>Receives so many bytes.</summary>
    public static async Task<byte[]> ReceiveExactlyAsync(this Socket socket, int count)
    {
        var bytes = new byte[count];
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        await stream.ReadExactlyAsync(bytes, Port.Deadline);
        return bytes;
    }

    public static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, Port.Deadline)..];
    }

    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>Whether the peer resets the connection, after whatever it has sent.</summary>
    public static async Task<bool> IsResetAsync(this Socket socket)
    {
        try
        {
            await socket.ReadToEndAsync();
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    /// <summary>Bytes that tell which are missing or in the wrong place.</summary>
    public static byte[] Pattern(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
