using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Gateway.Proxy.Threading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Endpoint = Gateway.Proxy.Endpoints.Endpoint;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>One request over one connection to an upstream. Belongs to an <see cref="Exchange"/> and is reused with it.</summary>
#pragma warning disable CA1001 // What is disposable is disposed of by the method that makes it.
internal sealed class LeanExchange
#pragma warning restore CA1001
{
    /// <summary>Longest head or trailers of an answer, as SocketsHttpHandler is told for other upstreams.</summary>
    private const int LongestHead = 128 * 1024;

    /// <summary>Most answers that are not final (RFC 9110 15.2): nobody needs as many.</summary>
    private const int MostInterim = 100;

    private readonly Exchange _exchange;
    private readonly Standstill _standstill;
    private readonly ResponseHead _head = new();
    private LeanConnection _upstream = null!;
    private RequestBody? _body;
    private bool _heard;
    private bool _answered;
    private volatile bool _aborted;

    public LeanExchange(Exchange exchange, TimeProvider time)
    {
        _exchange = exchange;
        _standstill = new Standstill(time, Expire);
    }

    /// <summary>What was last written of the client.</summary>
    public ClientLines ClientLines { get; } = new();

    /// <summary>Whether the connection can be used for another request.</summary>
    public bool KeepsConnection { get; private set; }

    /// <summary>Whether the upstream has closed a kept connection just when the request came, which it then has not seen, or which may be repeated.</summary>
    public bool MissedConnection { get; private set; }

    /// <summary>Sends the request over <paramref name="upstream"/> and passes the answer on.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<ForwardOutcome> RunAsync(Endpoint endpoint, LeanConnection upstream)
    {
        _upstream = upstream;
        _head.Reset();
        _aborted = _heard = _answered = KeepsConnection = MissedConnection = false;
        var sending = Task.CompletedTask;
        Exception? failure = null;
        _standstill.Begin(_exchange.Route!.Route.Timeouts);
        using var body = _body = _exchange.HasBody ? new RequestBody(_exchange, endpoint, upstream, _standstill) : null;
        var leaving = _exchange.Lifetime.RequestAborted.UnsafeRegister(static exchange => ((LeanExchange)exchange!).Abort(), this);
        try
        {
            if (body is null)
                await SendHeadAsync(endpoint);
            else
                sending = body.SendAsync();
            await ReadHeadAsync();
            await PassAnswerAsync();
            _answered = true;
            if (!sending.IsCompleted)
            {
                _standstill.AwaitMore();
                // The client may wait for the end of the answer before it goes on with its body, or leaves it at that.
                await _exchange.ResponseBody.CompleteAsync();
                if (!KeepsConnection)
                    body!.GiveUp();
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            failure = e;
            upstream.Abort();
            body?.GiveUp();
        }
        finally
        {
            await sending;
            _standstill.End();
            await leaving.DisposeAsync();
            _body = null;
        }
        KeepsConnection &= failure is null && !_aborted && upstream.Buffered.IsEmpty && body is null or { IsSent: true };
        if (failure is null)
            return ForwardOutcome.Success;
        KeepsConnection = false;
        return Judge(failure, body);
    }

    private async ValueTask SendHeadAsync(Endpoint endpoint)
    {
        var buffer = _upstream.Rent(LeanConnection.BufferSize);
        try
        {
            var length = RequestHead.Write(_exchange, endpoint, _upstream, ref buffer);
            _standstill.AwaitAnswer();
            await _upstream.SendAsync(buffer.AsMemory(0, length));
        }
        finally
        {
            _upstream.Return(buffer);
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask ReadHeadAsync()
    {
        for (var interim = 0; interim <= MostInterim;)
        {
            switch (_head.Parse(_upstream.Buffered))
            {
                case ParseStatus.Complete when _head.IsInterim:
                    _upstream.Consume(_head.Length);
                    _head.Reset();
                    interim++;
                    break;
                case ParseStatus.Complete when _head.Status == StatusCodes.Status101SwitchingProtocols:
                    throw new BrokenAnswerException("the upstream switched protocols unasked");
                case ParseStatus.Complete when _head.Length <= LongestHead:
                    return;
                case ParseStatus.Incomplete when _upstream.Buffered.Length < LongestHead:
                    var count = await _upstream.FillAsync();
                    _upstream.Filled(count);
                    if (count == 0)
                        throw new BrokenAnswerException("closed without an answer");
                    _heard = true;
                    break;
                default:
                    throw new BrokenAnswerException("the head of the answer is malformed or too long");
            }
        }
        throw new BrokenAnswerException("no final answer among too many");
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask PassAnswerAsync()
    {
        _standstill.AwaitTaker();
        var isHead = HttpMethods.IsHead(_exchange.Request.Method);
        var framing = _head.Framing(isHead);
        KeepsConnection = _head.KeepsConnection && framing != BodyFraming.UntilClose;
        WriteHead();
        _upstream.Consume(_head.Length);
        if (framing == BodyFraming.None)
            return;

        var feature = _exchange.ResponseBody;
        var body = new AnswerBody(_upstream, feature.Writer, _standstill, _exchange.Record);
        if (framing == BodyFraming.Length)
        {
            // Where nothing has come yet, it can still be told that nothing comes.
            if (_upstream.Buffered.IsEmpty)
                await FillAsync();
            await feature.StartAsync();
            await body.PassAsync(_head.ContentLength);
            return;
        }
        // A client expects the head with gRPC's status to end the stream.
        var isEmpty = _head.HasGrpcStatus && await IsEmptyAsync(framing);
        if (!isEmpty)
            await feature.StartAsync();
        if (framing == BodyFraming.Chunked)
        {
            if (!isEmpty)
                await body.PassChunksAsync();
            await body.ReadTrailersAsync(_head.Fields, LongestHead, hasBegun: !isEmpty);
            WriteTrailers();
        }
        else if (!isEmpty)
        {
            await body.PassToEndAsync();
        }
    }

    /// <summary>Waits until it is known whether a body of unknown length has any content; the framing of one without is consumed.</summary>
    /// <exception cref="BrokenAnswerException">It breaks off before, which can still be told.</exception>
    private async ValueTask<bool> IsEmptyAsync(BodyFraming framing)
    {
        while (true)
        {
            if (framing == BodyFraming.Chunked)
            {
                var status = new ChunkedReader().Read(_upstream.Buffered, out var consumed, out var content);
                if (status == ParseStatus.Complete)
                    _upstream.Consume(consumed);
                if (status == ParseStatus.Malformed)
                    throw new BrokenAnswerException("a chunk is malformed");
                if (status == ParseStatus.Complete || content.Length > 0)
                    return status == ParseStatus.Complete;
            }
            else if (_upstream.Buffered.Length > 0)
            {
                return false;
            }
            _standstill.AwaitMore();
            var count = await _upstream.FillAsync();
            _upstream.Filled(count);
            _standstill.AwaitTaker();
            if (count == 0)
                return framing == BodyFraming.UntilClose ? true : throw new BrokenAnswerException("closed within the answer");
        }
    }

    private async ValueTask FillAsync()
    {
        _standstill.AwaitMore();
        var count = await _upstream.FillAsync();
        _upstream.Filled(count);
        if (count == 0)
            throw new BrokenAnswerException("closed within the answer");
        _standstill.AwaitTaker();
    }

    private void WriteHead()
    {
        var bytes = _upstream.Buffered;
        var response = _exchange.Response;
        var status = _head.Status;
        response.StatusCode = status;
        var reason = _head.Reason(bytes);
        if (_exchange.IsHttp1 && !Ascii.Equals(reason, ReasonPhrases.GetReasonPhrase(status)))
            response.ReasonPhrase = Encoding.Latin1.GetString(reason);

        var headers = response.Headers;
        var fields = _head.Fields;
        var upgrade = StringValues.Empty;
        for (var i = 0; i < fields.Count; i++)
        {
            var line = KnownLines.Of(fields.Name(bytes, i), fields.Value(bytes, i));
            if (line.Passes && !(_head.NamesFields && _head.IsNamed(bytes, fields.Name(bytes, i))))
                Append(headers, line);
            else if (line.Name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase))
                upgrade = StringValues.Concat(upgrade, line.Value);
        }
        // Some statuses have none (RFC 9110 8.6).
        if (_head.ContentLength >= 0 && status is not (204 or 205))
            headers.ContentLength = _head.ContentLength;
        UpstreamHeaders.AddOwn(_exchange, status, upgrade);
    }

    private static void Append(IHeaderDictionary headers, KnownLine line)
    {
        var before = headers[line.Name];
        headers[line.Name] = before.Count == 0 ? line.Value : StringValues.Concat(before, line.Value);
    }

    private void WriteTrailers()
    {
        var bytes = _upstream.Buffered;
        var fields = _head.Fields;
        if (fields.Count > 0 && _exchange.Features.Get<IHttpResponseTrailersFeature>() is { Trailers: { IsReadOnly: false } trailers })
        {
            for (var i = 0; i < fields.Count; i++)
            {
                var line = KnownLines.Of(fields.Name(bytes, i), fields.Value(bytes, i));
                if (UpstreamHeaders.PassAsTrailer(line.Name, line.Value))
                    Append(trailers, line);
            }
        }
        _upstream.Consume(fields.Position);
    }

    private void Expire()
    {
        Abort();
        // The client's side of the connection is what stands still; nothing else ends that.
        if (_standstill.WaitsFor == Standstill.Waiting.Taker)
            _exchange.Lifetime.Abort();
    }

    private void Abort()
    {
        _aborted = true;
        _upstream.Abort();
        _body?.GiveUp();
    }

    private ForwardOutcome Judge(Exception failure, RequestBody? body)
    {
        // The upstream has said all it had to say, without waiting for the rest of the body.
        if (_answered)
            return ForwardOutcome.Success;
        var error = _standstill.HasExpired ? Standstill.Blame(_standstill.WaitsFor)
            : body is { Error: not ForwardError.None } ? body.Error
            : failure is OperationCanceledException || _exchange.Lifetime.RequestAborted.IsCancellationRequested ? ForwardError.ClientGone
            : ForwardError.UpstreamBroken;
        MissedConnection = error == ForwardError.UpstreamBroken && !_heard && body is null
            && _upstream.Exchanges > 1 && UpstreamFields.MayRepeat(_exchange.Request.Method);
        return new ForwardOutcome(error, body?.IsTouched ?? false, _exchange.Response.HasStarted, body?.Cause ?? failure);
    }
}
